//! Rows of the matrix: a client meets a fault, and what it does is judged.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use super::dc::faults::{DECOY, Expected, Fault, Stage};
use super::dc::{Dc, Log, Options};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// What a client has done.
pub(crate) struct Ran {
    /// Its exit code; `None` if it did not end in time.
    pub(crate) code: Option<i32>,
    /// All that it said.
    pub(crate) output: String,
}

/// A client before a fault.
pub(crate) struct Row {
    pub(crate) fault: &'static Fault,
    pub(crate) mark: Mark,
    happened: String,
    /// The last thing the client said.
    said: String,
}

/// How a client did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// As it should.
    Right,
    /// It believed the server.
    Accepts,
    /// It did not bear what is no fault.
    Fails,
    /// It never came so far.
    NotReached,
}

/// Has a client meet an honest server: without that nothing can be said of others.
pub(crate) async fn honest<R>(
    options: Options,
    client: impl FnOnce(SocketAddr) -> R,
) -> Result<Ran, Error>
where
    R: Future<Output = Ran>,
{
    let dc = Dc::start(options).await?;
    Ok(client(dc.address()).await)
}

/// Has a client meet a fault.
pub(crate) async fn row<R>(
    mut options: Options,
    fault: &'static Fault,
    client: impl FnOnce(SocketAddr) -> R,
) -> Result<Row, Error>
where
    R: Future<Output = Ran>,
{
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    options.fault = Some(fault);
    options.log = Log::new(move |line| {
        if let Ok(mut lines) = log.lock() {
            lines.push(line.to_owned());
        }
    });
    let dc = Dc::start(options).await?;
    let ran = client(dc.address()).await;
    drop(dc);
    let lines = lines.lock().map(|lines| lines.clone()).unwrap_or_default();
    Ok(Row::of(fault, &ran, &Seen::of(fault, &lines)))
}

/// What the server saw.
struct Seen {
    was_sent: bool,
    accepted: Option<String>,
}

impl Seen {
    fn of(fault: &Fault, lines: &[String]) -> Self {
        let about = format!("fault {}: ", fault.name);
        let mut signs = lines.iter().filter_map(|line| line.strip_prefix(&about));
        Self {
            was_sent: fault.stage == Stage::Connection || signs.clone().any(|sign| sign == "sent"),
            accepted: signs.find_map(|sign| Some(sign.strip_prefix("accepted: ")?.to_owned())),
        }
    }
}

impl Row {
    fn of(fault: &'static Fault, ran: &Ran, seen: &Seen) -> Self {
        let completed = ran.code == Some(0);
        let ended = match ran.code {
            Some(0) => "the client completes".to_owned(),
            Some(code) => format!("the client ends with {code}"),
            None => "the client does not end".to_owned(),
        };
        let (mark, happened) = match (fault.expected, &seen.accepted) {
            _ if !seen.was_sent => (Mark::NotReached, format!("not reached; {ended}")),
            (_, Some(how)) => (Mark::Accepts, how.clone()),
            (Expected::Ignores, None) if ran.output.contains(DECOY) => (
                Mark::Accepts,
                "the client takes the decoy for an answer".into(),
            ),
            (Expected::Refuses, None) if completed => (Mark::Accepts, ended),
            (Expected::Completes, None) if !completed => (Mark::Fails, ended),
            _ => (Mark::Right, ended),
        };
        let said = ran.output.trim().lines().last().unwrap_or_default();
        Self {
            fault,
            mark,
            happened,
            said: said.to_owned(),
        }
    }

    /// What the client itself said of it, for people who look into a row.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }
}

impl Mark {
    pub(crate) const ALL: [Self; 4] = [Self::Right, Self::Accepts, Self::Fails, Self::NotReached];

    /// In words, for the sum.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Accepts => "accepted",
            Self::Fails => "failed",
            Self::NotReached => "not reached",
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Right => "✓",
            Self::Accepts => "A",
            Self::Fails => "F",
            Self::NotReached => "-",
        })
    }
}

/// A line of the table.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fault,
            mark,
            happened,
            ..
        } = self;
        let checks: Vec<String> = fault.checks.iter().map(u8::to_string).collect();
        let (name, expected, checks) = (fault.name, fault.expected, checks.join(","));
        write!(
            f,
            "{mark}  {name:<24} {checks:>6}  {expected:<10} {happened}"
        )
    }
}
