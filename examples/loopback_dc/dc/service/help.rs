//! `help.*`: the first that clients ask for.

use telegram_tl::api::{enums, functions, server, types};

use super::{Asked, Refusal};

/// How long a configuration holds.
const CONFIG_SECS: i32 = 3600;

impl server::Help for Asked<'_> {
    fn get_config(&mut self, _: functions::help::GetConfig) -> Result<enums::Config, Refusal> {
        let date = self.world.now();
        let dc_option = self.world.address().map(|address| {
            enums::DcOption::DcOption(types::DcOption {
                ipv6: address.is_ipv6(),
                media_only: false,
                tcpo_only: false,
                cdn: false,
                r#static: true,
                this_port_only: true,
                id: self.world.dc_id,
                ip_address: address.ip().to_string(),
                port: address.port().into(),
                secret: None,
            })
        });
        Ok(enums::Config::Config(Box::new(types::Config {
            default_p2p_contacts: false,
            preload_featured_stickers: false,
            revoke_pm_inbox: true,
            blocked_mode: false,
            force_try_ipv6: false,
            date,
            expires: date.saturating_add(CONFIG_SECS),
            test_mode: true,
            this_dc: self.world.dc_id,
            dc_options: Vec::from_iter(dc_option),
            dc_txt_domain_name: String::new(),
            chat_size_max: 200,
            megagroup_size_max: 200_000,
            forwarded_count_max: 100,
            online_update_period_ms: 210_000,
            offline_blur_timeout_ms: 5000,
            offline_idle_timeout_ms: 30_000,
            online_cloud_timeout_ms: 300_000,
            notify_cloud_delay_ms: 30_000,
            notify_default_delay_ms: 1500,
            push_chat_period_ms: 60_000,
            push_chat_limit: 2,
            edit_time_limit: 172_800,
            revoke_time_limit: i32::MAX,
            revoke_pm_time_limit: i32::MAX,
            rating_e_decay: 2_419_200,
            stickers_recent_limit: 200,
            channels_read_media_period: 604_800,
            tmp_sessions: None,
            call_receive_timeout_ms: 20_000,
            call_ring_timeout_ms: 90_000,
            call_connect_timeout_ms: 30_000,
            call_packet_timeout_ms: 10_000,
            me_url_prefix: "https://t.me/".into(),
            autoupdate_url_prefix: None,
            gif_search_username: None,
            venue_search_username: None,
            img_search_username: None,
            static_maps_provider: None,
            caption_length_max: 1024,
            message_length_max: 4096,
            webfile_dc_id: self.world.dc_id,
            suggested_lang_code: None,
            lang_pack_version: None,
            base_lang_pack_version: None,
            reactions_default: None,
            autologin_token: None,
        })))
    }

    fn get_nearest_dc(
        &mut self,
        _: functions::help::GetNearestDc,
    ) -> Result<enums::NearestDc, Refusal> {
        let dc_id = self.world.dc_id;
        Ok(enums::NearestDc::NearestDc(types::NearestDc {
            country: "AQ".into(),
            this_dc: dc_id,
            nearest_dc: dc_id,
        }))
    }
}
