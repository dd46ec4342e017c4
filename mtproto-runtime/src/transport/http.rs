//! Packets in requests and answers of [HTTP](https://core.telegram.org/mtproto/transports#http), one in each.
//!
//! ```text
//! POST /api HTTP/1.1                      HTTP/1.1 200 OK
//! Host: 149.154.167.50                    Connection: keep-alive
//! Content-Length: 40                      Content-Length: 84
//! (empty line, packet)                    (empty line, packet or packets in a container)
//! ```
//!
//! The connection is kept between requests. There are no quick acknowledgments, no tags and no obfuscation; transport errors
//! are statuses of HTTP, and what comes with them is passed over. The server answers a request when it has something to say:
//! clients wait for that with `http_wait`.
//!
//! Messages are told apart by `Content-Length` alone, and one that has none, or two, or a `Transfer-Encoding`, is refused:
//! what two sides read differently can be used against either.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::encoder::prepend;
use super::stream::Stream;
use super::{Error, Frame, HEAD_ROOM, HttpError, Limits, PacketError, TransportError};

/// The longest head of a message, in bytes.
pub const MAX_HEAD: usize = 8192;

/// The end of a head.
const END: &[u8] = b"\r\n\r\n";

/// Makes a packet into a request, where it is: from [`HEAD_ROOM`] of the buffer to its end. It is moved only if the host
/// is longer than usual.
///
/// # Errors
///
/// [`Error::Packet`] if there is no packet, or no room in front of it; [`Error::HttpTarget`].
pub fn encode_request<'b>(
    host: &str,
    path: &str,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b mut [u8], Error> {
    check_target(host, path)?;
    let len = packet_len(buffer)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nContent-Length: {len}\r\n\r\n"
    );
    Ok(put_head(&head, buffer))
}

/// Refuses what would end the line of a request too early, and begin another one.
pub(super) fn check_target(host: &str, path: &str) -> Result<(), Error> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    let wrong = match (is_plain(host), is_plain(path) && path.starts_with('/')) {
        (true, true) => return Ok(()),
        (true, false) => path,
        (false, _) => host,
    };
    Err(Error::HttpTarget { text: wrong.into() })
}

/// Makes a packet into an answer, where it is: from [`HEAD_ROOM`] of the buffer to its end.
///
/// # Errors
///
/// [`Error::Packet`] if there is no packet, or no room in front of it.
pub fn encode_answer(keep_alive: bool, buffer: &mut Vec<u8>) -> Result<&mut [u8], Error> {
    let len = packet_len(buffer)?;
    Ok(put_head(&answer_head("200 OK", keep_alive, len), buffer))
}

/// Makes an answer without a packet, in a buffer whose content is not needed.
pub fn encode_nothing(keep_alive: bool, buffer: &mut Vec<u8>) -> &mut [u8] {
    buffer.clear();
    buffer.resize(HEAD_ROOM, 0);
    put_head(&answer_head("200 OK", keep_alive, 0), buffer)
}

/// Makes a transport error into an answer, in a buffer whose content is not needed: its status is the number without the sign.
pub fn encode_error(error: TransportError, keep_alive: bool, buffer: &mut Vec<u8>) -> &mut [u8] {
    let status = match error.code().unsigned_abs() {
        403 => "403 Forbidden".into(),
        404 => "404 Not Found".into(),
        429 => "429 Too Many Requests".into(),
        // Statuses have three digits.
        code @ 300..=999 => format!("{code} Error"),
        _ => String::from("500 Internal Server Error"),
    };
    buffer.clear();
    buffer.resize(HEAD_ROOM, 0);
    put_head(&answer_head(&status, keep_alive, 0), buffer)
}

fn answer_head(status: &str, keep_alive: bool, len: usize) -> String {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    format!("HTTP/1.1 {status}\r\nConnection: {connection}\r\nContent-Length: {len}\r\n\r\n")
}

fn packet_len(buffer: &[u8]) -> Result<usize, PacketError> {
    let (found, needed) = (buffer.len(), HEAD_ROOM);
    match found.checked_sub(needed) {
        None => Err(PacketError::HeadRoom { found, needed }),
        Some(0) => Err(PacketError::Empty),
        Some(bytes) if bytes % 4 != 0 => Err(PacketError::Unaligned { bytes }),
        Some(bytes) => Ok(bytes),
    }
}

fn put_head<'b>(head: &str, buffer: &'b mut Vec<u8>) -> &'b mut [u8] {
    let missing = head.len().saturating_sub(HEAD_ROOM);
    let old_len = buffer.len();
    buffer.resize(old_len + missing, 0);
    buffer.copy_within(HEAD_ROOM..old_len, HEAD_ROOM + missing);
    let start = prepend(buffer, HEAD_ROOM + missing, head.as_bytes());
    &mut buffer[start..]
}

/// A request.
#[derive(Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The packet.
    pub payload: &'a mut [u8],
    /// Whether the client wants to keep the connection after the answer.
    pub keep_alive: bool,
}

/// Reads requests, at a server.
pub struct Requests(Messages);

impl Requests {
    pub(super) fn new(stream: Stream, limits: Limits) -> Self {
        Self(Messages::new(stream, limits))
    }

    /// Appends bytes that came from the client.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.stream.push(bytes);
    }

    /// Room to read into from a socket: see [`Decoder::spare`](super::Decoder::spare).
    pub fn spare(&mut self) -> &mut [u8] {
        self.0.stream.spare()
    }

    /// The first so many bytes of the room have come from the client.
    pub fn filled(&mut self, len: usize) {
        self.0.stream.filled(len);
    }

    /// The next request, if it is there as a whole.
    ///
    /// # Errors
    ///
    /// The first thing that the client did wrong. From then on it stays the answer.
    pub fn next_request(&mut self) -> Result<Option<Request<'_>>, Error> {
        let message = self.0.next(|head| {
            let Some((method, target)) = head.request_line() else {
                return Err(HttpError::Head);
            };
            if method != "POST" || !is_api(target) {
                return Err(HttpError::Request);
            }
            let len = head.content_length()?.ok_or(HttpError::ContentLength)?;
            if len == 0 || len % 4 != 0 {
                let bytes = u32::try_from(len).unwrap_or(u32::MAX);
                return Err(HttpError::Body { bytes });
            }
            Ok(Message {
                len,
                status: 200,
                keep_alive: head.keep_alive(),
            })
        })?;
        Ok(message.map(|(message, payload)| Request {
            payload,
            keep_alive: message.keep_alive,
        }))
    }
}

/// Whether a request goes to the place of packets: `/api`, with what the page allows to follow it (`w`, `s`, `_test`, …), as a
/// path or, from clients behind a proxy, with the host.
fn is_api(target: &str) -> bool {
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => target,
    };
    path.strip_prefix("/api").is_some_and(|rest| {
        rest.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    })
}

/// Reads answers, at a client.
pub struct Answers(Messages);

impl Answers {
    /// Of a connection of which nothing has come.
    pub fn new(limits: Limits) -> Self {
        Self(Messages::new(Stream::new(), limits))
    }

    /// Appends bytes that came from the server.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.stream.push(bytes);
    }

    /// Room to read into from a socket: see [`Decoder::spare`](super::Decoder::spare).
    pub fn spare(&mut self) -> &mut [u8] {
        self.0.stream.spare()
    }

    /// The first so many bytes of the room have come from the server.
    pub fn filled(&mut self, len: usize) {
        self.0.stream.filled(len);
    }

    /// The next answer, if it is there as a whole: a packet, an error, or nothing.
    ///
    /// # Errors
    ///
    /// The first thing that the server did wrong. From then on it stays the answer.
    pub fn next_answer(&mut self) -> Result<Option<Frame<'_>>, Error> {
        let message = self.0.next(|head| {
            let status = head.status_line().ok_or(HttpError::Head)?;
            if status == 200 {
                let len = head.content_length()?.ok_or(HttpError::ContentLength)?;
                return Ok(Message {
                    len,
                    status,
                    keep_alive: head.keep_alive(),
                });
            }
            // The status says it all. Whatever follows it, the connection can only be kept if that has an end.
            let len = match is_interim(status) {
                true => Some(0),
                false => head.content_length().ok().flatten(),
            };
            Ok(Message {
                len: len.unwrap_or(0),
                status,
                keep_alive: len.is_some() && head.keep_alive(),
            })
        })?;
        Ok(message.map(|(message, payload)| match message.status {
            200 if payload.is_empty() => Frame::Nop,
            200 => Frame::Packet {
                payload,
                quick_ack: false,
            },
            status => Frame::Error(TransportError(-i32::from(status))),
        }))
    }

    /// Whether nothing has come after the last answer.
    pub fn is_empty(&self) -> bool {
        self.0.stream.bytes().is_empty()
    }

    /// Whether the server keeps the connection after the last answer.
    pub fn keep_alive(&self) -> bool {
        self.0.keep_alive
    }
}

/// What both directions have in common.
struct Messages {
    stream: Stream,
    limits: Limits,
    scan: HeadScan,
    /// The message whose body is coming.
    body: Option<Message>,
    keep_alive: bool,
    failed: Option<Error>,
}

/// What the head of a message says.
#[derive(Clone, Copy)]
struct Message {
    len: u64,
    status: u16,
    keep_alive: bool,
}

impl Messages {
    fn new(stream: Stream, limits: Limits) -> Self {
        Self {
            stream,
            limits,
            scan: HeadScan::default(),
            body: None,
            keep_alive: true,
            failed: None,
        }
    }

    fn next(
        &mut self,
        read: impl Fn(&Head<'_>) -> Result<Message, HttpError>,
    ) -> Result<Option<(Message, &mut [u8])>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.body.is_none() {
            match self.head(read) {
                Ok(message) => self.body = message,
                Err(error) => {
                    self.failed = Some(error.clone());
                    return Err(error);
                }
            }
        }
        let Some(message) = self.body else {
            return Ok(None);
        };
        // It is not more than the limit, which has 32 bits.
        let len = message.len as usize;
        if self.stream.bytes().len() < len {
            return Ok(None);
        }
        self.body = None;
        self.keep_alive = message.keep_alive;
        Ok(Some((message, self.stream.consume(len))))
    }

    /// Reads the next head, if it is there as a whole. Those of interim answers, `100 Continue`, are passed over: what they
    /// announce follows.
    fn head(
        &mut self,
        read: impl Fn(&Head<'_>) -> Result<Message, HttpError>,
    ) -> Result<Option<Message>, Error> {
        loop {
            match self.any_head(&read)? {
                Some(message) if is_interim(message.status) => {}
                outcome => return Ok(outcome),
            }
        }
    }

    fn any_head(
        &mut self,
        read: impl Fn(&Head<'_>) -> Result<Message, HttpError>,
    ) -> Result<Option<Message>, Error> {
        let offset = self.stream.offset();
        let error = |kind| Error::Http { offset, kind };
        let bytes = self.stream.bytes();
        let Some(len) = self.scan.find(bytes).map_err(error)? else {
            return Ok(None);
        };
        let message = Head::parse(&bytes[..len])
            .ok_or(HttpError::Head)
            .and_then(|head| read(&head))
            .map_err(error)?;
        if message.len > self.limits.max_frame_bytes.into() {
            return Err(error(HttpError::TooLong {
                bytes: message.len,
                limit: self.limits.max_frame_bytes,
            }));
        }
        self.stream.consume(len);
        self.scan = HeadScan::default();
        Ok(Some(message))
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").finish_non_exhaustive()
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

/// Looks for the end of a head, without looking at any byte twice but the last few.
#[derive(Debug, Default)]
pub(super) struct HeadScan {
    scanned: usize,
}

impl HeadScan {
    /// The length of the head that the bytes start with, if its end has come.
    fn find(&mut self, bytes: &[u8]) -> Result<Option<usize>, HttpError> {
        let from = self.scanned.saturating_sub(END.len() - 1);
        let within = &bytes[from.min(bytes.len())..bytes.len().min(MAX_HEAD)];
        if let Some(at) = within.windows(END.len()).position(|window| window == END) {
            return Ok(Some(from + at + END.len()));
        }
        if bytes.len() >= MAX_HEAD {
            return Err(HttpError::HeadTooLong { limit: MAX_HEAD });
        }
        self.scanned = bytes.len();
        Ok(None)
    }

    /// The same, for the first message of a connection.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let offset = 0;
        self.find(bytes)
            .map_err(|kind| Error::Http { offset, kind })
    }
}

/// The first line and the headers of a message.
pub(super) struct Head<'a> {
    first_line: &'a str,
    headers: &'a str,
}

impl<'a> Head<'a> {
    /// Reads a head with its end. Nothing if a line is no header.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let text = core::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
        let (first_line, headers) = text.split_once("\r\n").unwrap_or((text, ""));
        let head = Self {
            first_line,
            headers,
        };
        let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        let well_formed = !first_line.bytes().any(is_control)
            && head.lines().all(|line| {
                let is_header = line.split_once(':').is_some_and(|(name, _)| is_token(name));
                is_header && !line.bytes().any(is_control)
            });
        well_formed.then_some(head)
    }

    /// The method and the target of a request of HTTP/1.
    pub(super) fn request_line(&self) -> Option<(&'a str, &'a str)> {
        let (method, rest) = self.first_line.split_once(' ')?;
        let (target, version) = rest.split_once(' ')?;
        let is_request = is_version(version) && is_token(method) && !target.is_empty();
        is_request.then_some((method, target))
    }

    /// The status of an answer of HTTP/1.
    pub(super) fn status_line(&self) -> Option<u16> {
        let (version, rest) = self.first_line.split_once(' ')?;
        let status = rest.split(' ').next()?;
        let is_status = is_version(version) && status.len() == 3;
        status
            .parse()
            .ok()
            .filter(|code| is_status && (100..=999).contains(code))
    }

    /// The values of a header, without the space around them. The name is in lower case.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.lines()
            .filter_map(|line| line.split_once(':'))
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim_matches([' ', '\t']))
    }

    /// Whether one of the header's values, which commas part, is this one.
    pub(super) fn has_value(&self, name: &str, value: &str) -> bool {
        self.values(name)
            .flat_map(|values| values.split(','))
            .any(|found| found.trim_matches([' ', '\t']).eq_ignore_ascii_case(value))
    }

    fn lines(&self) -> impl Iterator<Item = &'a str> {
        self.headers.split("\r\n").filter(|line| !line.is_empty())
    }

    /// The length of the body, if there is a single one.
    fn content_length(&self) -> Result<Option<u64>, HttpError> {
        if self.values("transfer-encoding").next().is_some() {
            return Err(HttpError::TransferEncoding);
        }
        let mut values = self.values("content-length");
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        if values.next().is_some() || !is_number {
            return Err(HttpError::ContentLength);
        }
        value
            .parse()
            .map(Some)
            .map_err(|_| HttpError::ContentLength)
    }

    /// Whether the connection goes on after the message.
    fn keep_alive(&self) -> bool {
        let is_old =
            self.first_line.starts_with("HTTP/1.0") || self.first_line.ends_with("HTTP/1.0");
        !self.has_value("connection", "close")
            && (!is_old || self.has_value("connection", "keep-alive"))
    }
}

/// Whether the answer itself is still to come.
fn is_interim(status: u16) -> bool {
    matches!(status, 100 | 102..=199)
}

fn is_version(version: &str) -> bool {
    matches!(version, "HTTP/1.0" | "HTTP/1.1")
}

/// Whether this can be the name of a header, or a method.
fn is_token(name: &str) -> bool {
    let is_char = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_char)
}
