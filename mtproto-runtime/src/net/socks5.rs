//! Proxies of streams: [SOCKS5](https://www.rfc-editor.org/rfc/rfc1928), with
//! [user names and passwords](https://www.rfc-editor.org/rfc/rfc1929).
//!
//! Names are resolved by the proxy. Only `CONNECT` is spoken: a tunnel is all that transports need.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
/// The version of the dialogue about the password.
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// A SOCKS5 proxy.
#[derive(Clone)]
pub struct Socks5 {
    address: String,
    credentials: Option<Credentials>,
}

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Credentials {
    user: String,
    password: String,
}

impl Socks5 {
    /// A proxy that lets everybody through: `host:port`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            credentials: None,
        }
    }

    /// The same, with what it asks for. Each has 1 to 255 bytes.
    #[must_use]
    pub fn with_password(self, user: impl Into<String>, password: impl Into<String>) -> Self {
        let credentials = Credentials {
            user: user.into(),
            password: password.into(),
        };
        Self {
            credentials: Some(credentials),
            ..self
        }
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl fmt::Debug for Socks5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socks5")
            .field("address", &self.address)
            .field("has_password", &self.credentials.is_some())
            .finish()
    }
}

/// Why a SOCKS5 proxy makes no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Socks5Error {
    /// The address to connect to is none.
    #[error("`{0}` is no address: it has to be `host:port`, with a host of at most 255 bytes")]
    Address(String),
    /// The user name or the password can't be sent.
    #[error("the user name and the password have to have 1 to 255 bytes each")]
    Credentials,
    /// What answers is no such proxy.
    #[error("what answers is no SOCKS5 proxy: its answer starts with {0:#04x}")]
    Version(u8),
    /// The proxy wants another authentication than it is offered.
    #[error("the proxy wants another authentication than {}", if *.offered_password { "user name and password" } else { "none" })]
    Method {
        /// Whether it could have had a user name and a password.
        offered_password: bool,
    },
    /// The proxy does not accept the user name and password.
    #[error("the proxy does not accept the user name and password")]
    Denied,
    /// The proxy does not connect.
    #[error("the proxy does not connect: {}", meaning(*.0))]
    Refused(u8),
    /// The proxy's answer has an address of a kind that is not known.
    #[error("the proxy's answer has an address of the unknown kind {0:#04x}")]
    AddressKind(u8),
}

fn meaning(reply: u8) -> &'static str {
    match reply {
        1 => "general failure",
        2 => "its rules don't allow it",
        3 => "the network can't be reached",
        4 => "the host can't be reached",
        5 => "the connection was refused",
        6 => "its time to live is over",
        7 => "it does not know the command",
        8 => "it does not know the kind of address",
        _ => "for a reason that has no name",
    }
}

/// What the client says until the tunnel is there, and what it makes of the answers:
///
/// ```text
/// greeting ──► method (2 bytes) ─┬───────────────────────────────────┬─► request ──► head of the reply (5) ──► its rest
///                                └─► password ──► verdict (2 bytes) ─┘
/// ```
pub(super) struct Dialogue<'p> {
    credentials: Option<&'p Credentials>,
    request: Vec<u8>,
}

impl<'p> Dialogue<'p> {
    /// Wants to be connected to `host:port`.
    pub(super) fn new(proxy: &'p Socks5, address: &str) -> Result<Self, Socks5Error> {
        let credentials = proxy.credentials.as_ref();
        if credentials.is_some_and(|credentials| !credentials.is_sendable()) {
            return Err(Socks5Error::Credentials);
        }
        let request = request(address).ok_or_else(|| Socks5Error::Address(address.into()))?;
        Ok(Self {
            credentials,
            request,
        })
    }

    pub(super) fn greeting(&self) -> &'static [u8] {
        match self.credentials {
            None => &[VERSION, 1, NO_AUTHENTICATION],
            Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD],
        }
    }

    /// What the proxy wants to know first, if anything.
    pub(super) fn password(
        &self,
        [version, method]: [u8; 2],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Socks5Error> {
        check_version(version)?;
        match (method, self.credentials) {
            (NO_AUTHENTICATION, _) => Ok(None),
            (USER_AND_PASSWORD, Some(credentials)) => Ok(Some(credentials.message())),
            _ => Err(Socks5Error::Method {
                offered_password: self.credentials.is_some(),
            }),
        }
    }

    pub(super) fn check_verdict([_, status]: [u8; 2]) -> Result<(), Socks5Error> {
        match status {
            0 => Ok(()),
            _ => Err(Socks5Error::Denied),
        }
    }

    pub(super) fn request(&self) -> &[u8] {
        &self.request
    }

    /// How many bytes follow the first of a reply: the address that the proxy connects from, which is of no interest.
    pub(super) fn rest_of_reply(
        [version, reply, _, kind, first]: [u8; 5],
    ) -> Result<usize, Socks5Error> {
        check_version(version)?;
        if reply != 0 {
            return Err(Socks5Error::Refused(reply));
        }
        // The port has two bytes more, and one of the address is there already.
        match kind {
            IPV4 => Ok(4 + 2 - 1),
            IPV6 => Ok(16 + 2 - 1),
            NAME => Ok(usize::from(first) + 2),
            _ => Err(Socks5Error::AddressKind(kind)),
        }
    }
}

impl Credentials {
    fn is_sendable(&self) -> bool {
        [&self.user, &self.password]
            .iter()
            .all(|text| (1..=255).contains(&text.len()))
    }

    fn message(&self) -> Zeroizing<Vec<u8>> {
        // Room for all of it: what moves leaves traces.
        let mut message = Zeroizing::new(Vec::with_capacity(3 + 2 * 255));
        message.push(PASSWORD_VERSION);
        for text in [&self.user, &self.password] {
            // No longer than 255 bytes: `is_sendable`.
            message.push(text.len() as u8);
            message.extend_from_slice(text.as_bytes());
        }
        message
    }
}

fn check_version(version: u8) -> Result<(), Socks5Error> {
    match version {
        VERSION => Ok(()),
        other => Err(Socks5Error::Version(other)),
    }
}

/// The request to be connected to an address. None if it is no address.
fn request(address: &str) -> Option<Vec<u8>> {
    let (host, port) = address.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let mut request = Vec::from([VERSION, CONNECT, 0]);
    match (bare.unwrap_or(host).parse(), bare) {
        (Ok(IpAddr::V4(ip)), None) => {
            request.push(IPV4);
            request.extend(ip.octets());
        }
        (Ok(IpAddr::V6(ip)), Some(_)) => {
            request.push(IPV6);
            request.extend(ip.octets());
        }
        (Err(_), None) if !host.is_empty() && !host.contains(':') => {
            request.push(NAME);
            request.push(u8::try_from(host.len()).ok()?);
            request.extend(host.as_bytes());
        }
        _ => return None,
    }
    request.extend(port.to_be_bytes());
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_sent_by_their_kind_and_names_are_left_to_the_proxy() {
        for (address, tail) in [
            ("1.2.3.4:443", &[1, 1, 2, 3, 4, 1, 187][..]),
            (
                "[2001:db8::1]:80",
                &[
                    4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80,
                ],
            ),
            ("dc:5222", &[3, 2, b'd', b'c', 0x14, 0x66]),
        ] {
            let request = request(address).unwrap_or_default();
            assert_eq!(request.get(..3), Some(&[5, 1, 0][..]), "{address}");
            assert_eq!(request.get(3..), Some(tail), "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_told() {
        let proxy = Socks5::new("127.0.0.1:1080");
        let long = alloc::format!("{}:80", "a".repeat(256));
        for address in [
            "dc",
            ":80",
            "dc:",
            "dc:65536",
            "dc:-1",
            "::1:80",
            "[dc]:80",
            "[1.2.3.4]:80",
            "a:b:80",
            &long,
        ] {
            let error = Dialogue::new(&proxy, address).err();
            assert_eq!(error, Some(Socks5Error::Address(address.into())));
        }
    }

    #[test]
    fn passwords_of_a_length_that_can_t_be_told_are_not_sent() {
        let long = "p".repeat(256);
        for (user, password) in [("", "p"), ("u", ""), ("u", &*long), (&*long, "p")] {
            let proxy = Socks5::new("127.0.0.1:1080").with_password(user, password);
            let error = Dialogue::new(&proxy, "dc:80").err();
            assert_eq!(error, Some(Socks5Error::Credentials));
        }
    }

    #[test]
    fn what_is_printed_has_no_password() {
        let proxy = Socks5::new("127.0.0.1:1080").with_password("ada", "secret");
        let text = alloc::format!("{proxy:?}");
        assert!(text.contains("127.0.0.1:1080"), "{text}");
        assert!(!text.contains("ada") && !text.contains("secret"), "{text}");
    }

    #[test]
    fn answers_mean_what_the_rfc_says() {
        let open = Socks5::new("p:1");
        let guarded = Socks5::new("p:1").with_password("u", "pw");
        let dialogue = |proxy| Dialogue::new(proxy, "dc:80").ok();
        let password = |proxy, answer| dialogue(proxy).map(|dialogue| dialogue.password(answer));
        assert_eq!(password(&open, [5, 0]), Some(Ok(None)));
        assert_eq!(password(&guarded, [5, 0]), Some(Ok(None)));
        let message = Zeroizing::new(Vec::from(*b"\x01\x01u\x02pw"));
        assert_eq!(password(&guarded, [5, 2]), Some(Ok(Some(message))));
        assert_eq!(password(&open, [4, 0]), Some(Err(Socks5Error::Version(4))));
        for (proxy, method, offered_password) in [
            (&open, 2, false),
            (&open, 0xff, false),
            (&guarded, 0xff, true),
            (&guarded, 1, true),
        ] {
            let error = Socks5Error::Method { offered_password };
            assert_eq!(password(proxy, [5, method]), Some(Err(error)));
        }
        assert_eq!(Dialogue::check_verdict([1, 0]), Ok(()));
        assert_eq!(Dialogue::check_verdict([1, 1]), Err(Socks5Error::Denied));
        for (head, expected) in [
            ([5, 0, 0, 1, 9], Ok(5)),
            ([5, 0, 0, 4, 9], Ok(17)),
            ([5, 0, 0, 3, 9], Ok(11)),
            ([5, 0, 0, 2, 9], Err(Socks5Error::AddressKind(2))),
            ([5, 5, 0, 1, 9], Err(Socks5Error::Refused(5))),
            ([4, 0, 0, 1, 9], Err(Socks5Error::Version(4))),
        ] {
            assert_eq!(Dialogue::rest_of_reply(head), expected);
        }
    }
}
