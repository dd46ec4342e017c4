//! Packets in HTTP: requests and answers in any pieces, and heads that two sides could read differently.

use allocation_counter::measure;
use mtproto_runtime::transport::http::{self, Answers, MAX_HEAD, Requests};
use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Error, HEAD_ROOM, HttpError, Limits, PacketError,
};

use crate::{Cut, Owned, error, owned, plain_packet, rng};

const HEAD: &str = "POST /api HTTP/1.1\r\nHost: 149.154.167.50\r\nConnection: keep-alive\r\n";

fn buffer(packet: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0xcc; HEAD_ROOM];
    buffer.extend(packet);
    buffer
}

/// A server that has detected a client of HTTP by these bytes.
fn requests(bytes: &[u8]) -> Requests {
    let mut acceptor = Acceptor::new(AcceptOptions::default());
    acceptor.push(bytes);
    let accepted = acceptor.poll(0, &mut Vec::new(), &mut rng(0)).unwrap();
    let Some(Accepted::Http(requests)) = accepted else {
        panic!("{accepted:?}");
    };
    requests
}

/// What a server reads: packets, and whether the connection is kept.
fn read_requests(bytes: &[u8], cut: &mut Cut) -> Result<Vec<(Vec<u8>, bool)>, Error> {
    let (first, rest) = bytes.split_at(4);
    let (mut requests, mut received) = (requests(first), Vec::new());
    for piece in cut.pieces(rest) {
        requests.push(piece);
        while let Some(request) = requests.next_request()? {
            received.push((request.payload.to_vec(), request.keep_alive));
        }
    }
    Ok(received)
}

fn read_answers(bytes: &[u8], cut: &mut Cut) -> Result<(Vec<Owned>, bool), Error> {
    let (mut answers, mut received) = (Answers::new(Limits::default()), Vec::new());
    for piece in cut.pieces(bytes) {
        answers.push(piece);
        while let Some(frame) = answers.next_answer()? {
            received.push(owned(frame));
        }
    }
    Ok((received, answers.keep_alive()))
}

#[test]
fn packets_go_both_ways_in_any_pieces() {
    let packets = [20, 40, 1000, 70_000].map(plain_packet);
    for mut cut in Cut::all() {
        let (mut asked, mut answered) = (Vec::new(), Vec::new());
        for packet in &packets {
            let mut request = buffer(packet);
            asked.extend_from_slice(
                http::encode_request("149.154.167.50", "/api", &mut request).unwrap(),
            );
            answered.extend_from_slice(http::encode_answer(true, &mut buffer(packet)).unwrap());
        }
        let received = read_requests(&asked, &mut cut).unwrap();
        assert!(received == packets.clone().map(|packet| (packet, true)));
        let (received, keep_alive) = read_answers(&answered, &mut cut).unwrap();
        assert!(received == packets.clone().map(|packet| Owned::Packet(packet, false)));
        assert!(keep_alive);
    }
}

#[test]
fn the_bytes_are_those_of_http() {
    let mut request = buffer(&plain_packet(20));
    let bytes = http::encode_request("149.154.167.50", "/api", &mut request).unwrap();
    let expected = [
        HEAD.as_bytes(),
        b"Content-Length: 20\r\n\r\n",
        &plain_packet(20),
    ]
    .concat();
    assert_eq!(bytes, expected);
    let mut answer = buffer(&plain_packet(20));
    let bytes = http::encode_answer(false, &mut answer).unwrap();
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 20\r\n\r\n";
    assert_eq!(bytes, [&head[..], &plain_packet(20)].concat());
    // A host that takes more than the room.
    let host = "a".repeat(200);
    let mut request = buffer(&plain_packet(20));
    let bytes = http::encode_request(&host, "/api", &mut request)
        .unwrap()
        .to_vec();
    let received = read_requests(&bytes, &mut Cut::Whole).unwrap();
    assert_eq!(received, [(plain_packet(20), true)]);
}

#[test]
fn packets_are_checked_before_they_are_sent() {
    let found = HEAD_ROOM - 1;
    for (mut buffer, expected) in [
        (
            vec![0; found],
            PacketError::HeadRoom {
                found,
                needed: HEAD_ROOM,
            },
        ),
        (buffer(&[]), PacketError::Empty),
        (buffer(&[1; 7]), PacketError::Unaligned { bytes: 7 }),
    ] {
        let expected = Err(Error::from(expected));
        assert_eq!(http::encode_answer(true, &mut buffer), expected);
        assert_eq!(http::encode_request("a", "/api", &mut buffer), expected);
    }
}

#[test]
fn an_answer_without_a_packet_says_nothing() {
    let mut out = vec![7; 1000];
    for keep_alive in [true, false] {
        let bytes = http::encode_nothing(keep_alive, &mut out).to_vec();
        assert_eq!(
            read_answers(&bytes, &mut Cut::Bytes),
            Ok((vec![Owned::Nop], keep_alive))
        );
    }
}

#[test]
fn errors_are_statuses_and_their_bodies_are_passed_over() {
    let mut out = Vec::new();
    for code in [-403, -404, -429, -444, -500, -302] {
        let bytes = http::encode_error(error(code), true, &mut out).to_vec();
        assert_eq!(
            read_answers(&bytes, &mut Cut::Bytes),
            Ok((vec![Owned::Error(code)], true))
        );
    }
    // Numbers that are no statuses.
    let bytes = http::encode_error(error(-4), true, &mut out).to_vec();
    assert_eq!(
        read_answers(&bytes, &mut Cut::Whole),
        Ok((vec![Owned::Error(-500)], true))
    );

    let page = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n<htmlHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(
        read_answers(page.as_bytes(), &mut Cut::Bytes),
        Ok((vec![Owned::Error(-404), Owned::Nop], true))
    );
    // A page whose end is not told: the connection can't be kept.
    for head in ["Transfer-Encoding: chunked\r\n", ""] {
        let page = format!("HTTP/1.1 502 Bad Gateway\r\n{head}\r\n");
        assert_eq!(
            read_answers(page.as_bytes(), &mut Cut::Whole),
            Ok((vec![Owned::Error(-502)], false))
        );
    }
}

#[test]
fn interim_answers_are_passed_over() {
    let bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n\
                 HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(
        read_answers(bytes.as_bytes(), &mut Cut::Bytes),
        Ok((vec![Owned::Nop], true))
    );
    // Nobody has asked for another protocol.
    let bytes = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
    assert_eq!(
        read_answers(bytes.as_bytes(), &mut Cut::Whole),
        Ok((vec![Owned::Error(-101)], false))
    );
}

#[test]
fn hosts_and_paths_cannot_end_a_request() {
    for (host, path, text) in [
        ("a\r\nX: y", "/api", "a\r\nX: y"),
        ("a", "/api HTTP/1.1\r\n\r\n", "/api HTTP/1.1\r\n\r\n"),
        ("a", "api", "api"),
        ("a", "", ""),
        ("a\u{7f}", "/api", "a\u{7f}"),
    ] {
        let expected = Error::HttpTarget { text: text.into() };
        let request = http::encode_request(host, path, &mut buffer(&[0; 4])).map(|it| it.to_vec());
        assert_eq!(request, Err(expected));
    }
}

/// HTTP/1.1 keeps connections unless told otherwise, HTTP/1.0 the other way around.
#[test]
fn keeping_connections() {
    for (version, header, expected) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "connection: foo, Close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
    ] {
        let request = format!("POST /api HTTP/{version}\r\n{header}Content-Length: 4\r\n\r\nbody");
        let received = read_requests(request.as_bytes(), &mut Cut::Bytes);
        assert_eq!(
            received,
            Ok(vec![(b"body".to_vec(), expected)]),
            "{request}"
        );
        let answer = format!("HTTP/{version} 200 OK\r\n{header}Content-Length: 4\r\n\r\nbody");
        let received = read_answers(answer.as_bytes(), &mut Cut::Bytes).unwrap();
        assert_eq!(received.1, expected, "{answer}");
    }
}

/// The page's paths, and TDLib's form for proxies of HTTP.
#[test]
fn paths() {
    for (target, is_good) in [
        ("/api", true),
        ("/apiw1", true),
        ("/apiw_test1", true),
        ("/apis_test_premium", true),
        ("HTTP://149.154.167.50:80/api", true),
        ("http://host/other", false),
        ("http://host", false),
        ("/", false),
        ("/api/x", false),
        ("/ap", false),
        ("api", false),
    ] {
        let request = format!("POST {target} HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
        let received = read_requests(request.as_bytes(), &mut Cut::Whole);
        assert_eq!(received.is_ok(), is_good, "{target}");
        if !is_good {
            let (offset, kind) = (0, HttpError::Request);
            assert_eq!(received, Err(Error::Http { offset, kind }));
        }
    }
}

#[test]
fn requests_that_could_be_read_in_two_ways_are_refused() {
    let limit = 1 << 24;
    for (headers, kind) in [
        ("", HttpError::ContentLength),
        (
            "Content-Length: 4\r\nContent-Length: 4\r\n",
            HttpError::ContentLength,
        ),
        (
            "Content-Length: 4\r\ncontent-length: 8\r\n",
            HttpError::ContentLength,
        ),
        ("Content-Length: 4, 4\r\n", HttpError::ContentLength),
        ("Content-Length: +4\r\n", HttpError::ContentLength),
        ("Content-Length: -4\r\n", HttpError::ContentLength),
        ("Content-Length: 0x4\r\n", HttpError::ContentLength),
        ("Content-Length: \r\n", HttpError::ContentLength),
        (
            "Content-Length: 99999999999999999999\r\n",
            HttpError::ContentLength,
        ),
        (
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            HttpError::TransferEncoding,
        ),
        (
            "Transfer-Encoding: identity\r\n",
            HttpError::TransferEncoding,
        ),
        ("Content-Length : 4\r\n", HttpError::Head),
        (" Content-Length: 4\r\n", HttpError::Head),
        ("A: b\r\n Content-Length: 4\r\n", HttpError::Head),
        ("A: b\nContent-Length: 4\r\n", HttpError::Head),
        ("A: b\rContent-Length: 4\r\n", HttpError::Head),
        ("A: \0\r\nContent-Length: 4\r\n", HttpError::Head),
        (": 4\r\n", HttpError::Head),
        ("A\r\n", HttpError::Head),
        ("Content-Length: 0\r\n", HttpError::Body { bytes: 0 }),
        ("Content-Length: 7\r\n", HttpError::Body { bytes: 7 }),
        (
            "Content-Length: 16777220\r\n",
            HttpError::TooLong {
                bytes: 16_777_220,
                limit,
            },
        ),
    ] {
        let request = format!("{HEAD}{headers}\r\nbodybody");
        for mut cut in Cut::all() {
            let received = read_requests(request.as_bytes(), &mut cut);
            assert_eq!(
                received,
                Err(Error::Http { offset: 0, kind }),
                "{headers:?}"
            );
        }
    }
    for line in [
        "POST /api",
        "POST  HTTP/1.1",
        "POST /api HTTP/2",
        "POST\t/api HTTP/1.1",
        "POST /a b HTTP/1.1",
    ] {
        let request = format!("{line}\r\nContent-Length: 4\r\n\r\nbody");
        let (offset, kind) = (0, HttpError::Head);
        let received = read_requests(request.as_bytes(), &mut Cut::Whole);
        assert_eq!(received, Err(Error::Http { offset, kind }), "{line}");
    }
    for method in ["POSTS", "OPTIONS", "HEAD"] {
        let request = format!("{method} /api HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
        let (offset, kind) = (0, HttpError::Request);
        let received = read_requests(request.as_bytes(), &mut Cut::Whole);
        assert_eq!(received, Err(Error::Http { offset, kind }), "{method}");
    }
    let not_text = [HEAD.as_bytes(), b"A: \xff\r\nContent-Length: 4\r\n\r\nbody"].concat();
    let (offset, kind) = (0, HttpError::Head);
    assert_eq!(
        read_requests(&not_text, &mut Cut::Whole),
        Err(Error::Http { offset, kind })
    );
}

#[test]
fn answers_that_are_none_are_refused() {
    for (answer, kind) in [
        ("HTTP/1.1 200 OK\r\n\r\n", HttpError::ContentLength),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            HttpError::TransferEncoding,
        ),
        (
            "HTTP/2 200 OK\r\nContent-Length: 4\r\n\r\nbody",
            HttpError::Head,
        ),
        (
            "HTTP/1.1 20 OK\r\nContent-Length: 4\r\n\r\nbody",
            HttpError::Head,
        ),
        (
            "HTTP/1.1 099 OK\r\nContent-Length: 4\r\n\r\nbody",
            HttpError::Head,
        ),
        (
            "HTTP/1.1 +20 OK\r\nContent-Length: 4\r\n\r\nbody",
            HttpError::Head,
        ),
        (
            "POST /api HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody",
            HttpError::Head,
        ),
    ] {
        let received = read_answers(answer.as_bytes(), &mut Cut::Whole);
        assert_eq!(received, Err(Error::Http { offset: 0, kind }), "{answer}");
    }
}

/// The place and the cause stay, and are of the message that is wrong.
#[test]
fn errors_tell_the_place() {
    let good = format!("{HEAD}Content-Length: 4\r\n\r\nbody");
    let (mut requests, bad) = (requests(b"POST"), format!("{HEAD}\r\n"));
    requests.push(&[&good[4..], &bad, &good].concat().into_bytes());
    assert!(requests.next_request().unwrap().is_some());
    let offset = good.len() as u64;
    let expected = Error::Http {
        offset,
        kind: HttpError::ContentLength,
    };
    assert_eq!(requests.next_request(), Err(expected.clone()));
    assert_eq!(requests.next_request(), Err(expected));
}

#[test]
fn heads_have_a_limit_and_bodies_take_memory_as_they_come() {
    let fits = format!("{HEAD}X: {}\r\nContent-Length: 4\r\n\r\n", "a".repeat(8000));
    assert!(fits.len() < MAX_HEAD);
    let body = [fits.as_bytes(), b"body"].concat();
    assert!(read_requests(&body, &mut Cut::Bytes).is_ok());
    for endless in [
        "X: ".to_owned() + &"a".repeat(9000),
        "A: b\r\n".repeat(2000),
    ] {
        for mut cut in Cut::all() {
            let received = read_requests(format!("{HEAD}{endless}").as_bytes(), &mut cut);
            let (offset, kind) = (0, HttpError::HeadTooLong { limit: MAX_HEAD });
            assert_eq!(received, Err(Error::Http { offset, kind }));
        }
    }
    let info = measure(|| {
        let mut requests = requests(b"POST");
        requests.push(&format!("{HEAD}Content-Length: 16777216\r\n\r\n").as_bytes()[4..]);
        assert_eq!(requests.next_request(), Ok(None));
        assert!(requests.spare().len() < 10_000);
    });
    assert!(info.bytes_max < 20_000, "{} bytes", info.bytes_max);
}
