//! TLS around the streams of clients, by [rustls](https://docs.rs/rustls).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use std::io;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::stream::Stream;

/// Whom to trust within TLS.
///
/// This is about getting through, not about secrecy: what MTProto sends is encrypted anyway.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    server_name: Option<String>,
}

impl Tls {
    /// Certificates have to come from one of the authorities that Mozilla trusts.
    ///
    /// # Errors
    ///
    /// What rustls says of its own defaults: nothing, as far as is known.
    pub fn with_webpki_roots() -> Result<Self, rustls::Error> {
        let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        // Whatever else is linked: the default would be a matter of other crates' features.
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self::with_config(Arc::new(config)))
    }

    /// As this configuration says.
    pub fn with_config(config: Arc<ClientConfig>) -> Self {
        Self {
            config,
            server_name: None,
        }
    }

    /// The same, with a certificate for another name than that of the address.
    #[must_use]
    pub fn with_server_name(self, name: impl Into<String>) -> Self {
        Self {
            server_name: Some(name.into()),
            ..self
        }
    }

    /// Goes on within TLS.
    pub(super) async fn connect(&self, address: &str, stream: Stream) -> io::Result<Stream> {
        let of_address = || {
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            host.trim_start_matches('[').trim_end_matches(']')
        };
        let name = self.server_name.as_deref().unwrap_or_else(of_address);
        let name = ServerName::try_from(name.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let connector = TlsConnector::from(Arc::clone(&self.config));
        Ok(Stream::other(connector.connect(name, stream).await?))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("server_name", &self.server_name)
            .finish_non_exhaustive()
    }
}
