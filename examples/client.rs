//! A client in twenty lines: `client HOST:PORT PUBLIC.pem` asks a server for the nearest data center.

#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::env::args;

use telegram_tl::api::LAYER;
use telegram_tl::api::functions::{InitConnection, InvokeWithLayer, help::GetNearestDc};
use telegram_tl::runtime::crypto::rsa::PublicKey;
use telegram_tl::runtime::handshake;
use telegram_tl::runtime::net::{Client, ClientConfig, KeySource};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [address, pem] = [1, 2].map(|at| args().nth(at).unwrap_or_default());
    let public_key = PublicKey::from_pem(&std::fs::read_to_string(pem)?)?;
    let key = KeySource::Handshake(handshake::ClientConfig::new(vec![public_key], 2));
    let client = Client::connect(ClientConfig::new(address, key)).await?;

    // The first call says who is calling; those after it are plain ones.
    let query = InitConnection {
        api_id: 1,
        device_model: "example".into(),
        system_version: "1".into(),
        app_version: "1".into(),
        system_lang_code: "en".into(),
        lang_pack: String::new(),
        lang_code: "en".into(),
        proxy: None,
        params: None,
        query: GetNearestDc {},
    };
    let call = InvokeWithLayer {
        layer: LAYER,
        query,
    };
    println!("{:?}", client.invoke(&call).await?);
    Ok(())
}
