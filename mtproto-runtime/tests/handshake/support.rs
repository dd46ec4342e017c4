//! A server, a client for it, random numbers that are none, and a whole handshake of the two.

use std::convert::Infallible;
use std::sync::LazyLock;

use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::rsa::{PrivateKey, PublicKey};
use mtproto_runtime::handshake::client::{self, DhGen};
use mtproto_runtime::handshake::{ClientConfig, ServerConfig, server};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{SeedableRng, TryCryptoRng, TryRng};

/// The moment of the tests, by the server's clock.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_707_425_104);

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) static PUBLIC_KEY: LazyLock<PublicKey> =
    LazyLock::new(|| PublicKey::from_pem(include_str!("fixtures/server_key.pub.pem")).unwrap());

pub(crate) fn private_key() -> PrivateKey {
    PrivateKey::from_pem(include_str!("fixtures/server_key.pem")).unwrap()
}

pub(crate) fn group(g: i32) -> DhGroup {
    DhGroup::check(&TELEGRAM_DH_PRIME, g, &mut DhPrimeCache::default()).unwrap()
}

/// A server with one key, for any datacenter.
pub(crate) static SERVER: LazyLock<ServerConfig> = LazyLock::new(server_config);

pub(crate) fn server_config() -> ServerConfig {
    ServerConfig::new(vec![private_key()], group(3))
}

/// A client of datacenter 2.
pub(crate) fn client_config() -> ClientConfig {
    ClientConfig::new(vec![PUBLIC_KEY.clone()], 2)
}

/// The bytes that it was given, in turn. The test has foreseen how many are drawn, and for what.
pub(crate) struct Script(pub(crate) Vec<u8>);

impl Script {
    pub(crate) fn new(parts: &[&[u8]]) -> Self {
        Self(parts.concat())
    }
}

/// Enough `temp_key`s that one leads below the modulus.
pub(crate) fn temp_keys() -> Vec<u8> {
    (0..32).flat_map(|i| [i; 32]).collect()
}

impl TryRng for Script {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        assert!(
            dst.len() <= self.0.len(),
            "{} more bytes are drawn",
            dst.len()
        );
        dst.copy_from_slice(&self.0[..dst.len()]);
        self.0.drain(..dst.len());
        Ok(())
    }
}

impl TryCryptoRng for Script {}

/// What a handshake of ours with ours has sent, and agreed on.
pub(crate) struct Transcript {
    /// `req_pq_multi`, `resPQ`, `req_DH_params`, `server_DH_params_ok`, `set_client_DH_params`, `dh_gen_ok`.
    pub(crate) messages: [Vec<u8>; 6],
    pub(crate) client: client::Done,
    pub(crate) server: server::Done,
}

/// A whole handshake. Its random numbers come from the seed: the client's from `seed`, the server's from `!seed`.
pub(crate) fn handshake(seed: u64, config: ClientConfig) -> Transcript {
    let (mut rng_c, mut rng_s) = (rng(seed), rng(!seed));
    let (state_c, req_pq) = client::start(config, NOW, &mut rng_c).unwrap();
    let (state_s, res_pq) = server::start(&SERVER, NOW, &req_pq, &mut rng_s).unwrap();
    let (state_c, req_dh) = state_c.on_message(NOW, &res_pq, &mut rng_c).unwrap();
    let (state_s, dh_params) = state_s
        .on_message(&SERVER, NOW, &req_dh, &mut rng_s)
        .unwrap();
    let mut primes = DhPrimeCache::default();
    let (state_c, set_dh) = state_c
        .on_message(NOW, &dh_params, &mut primes, &mut rng_c)
        .unwrap();
    let proposal = state_s.on_message(&SERVER, NOW, &set_dh).unwrap();
    let (server, dh_gen) = proposal.accept(NOW).unwrap();
    let DhGen::Done(client) = state_c.on_message(NOW, &dh_gen, &mut rng_c).unwrap() else {
        panic!("the server had accepted");
    };
    Transcript {
        messages: [req_pq, res_pq, req_dh, dh_params, set_dh, dh_gen],
        client,
        server,
    }
}
