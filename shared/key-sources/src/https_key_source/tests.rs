use aws_smithy_http_client::tls::TrustStore;

use super::*;
use crate::test_server::{End, Server, certificates, serve};
use testkit::port_contracts;

const KEYS: &str = "{\"keys\":[]}";

/// Fetches `answer` over TLS from a server that is who it says.
async fn fetch(answer: impl Into<Vec<u8>>, end: End) -> (Result<Vec<u8>, PortFailure>, Server) {
    let (root, tls) = certificates("localhost");
    let server = serve(Some(tls), answer, end).await;
    let url = format!("https://localhost:{}/tenant/keys?v=1", server.port);
    (trusting(&url, &root).fetch().await, server)
}

fn trusting(url: &str, root: &str) -> HttpsKeySource {
    let roots = TrustStore::empty().with_pem_certificate(root);
    let trust = TlsContext::builder().with_trust_store(roots).build();
    HttpsKeySource::trusting(url, trust.unwrap()).unwrap()
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// The failure's kind and its whole text, which must name the host and nothing of the body.
fn failed(fetched: Result<Vec<u8>, PortFailure>) -> (FailureKind, String) {
    let failure = fetched.unwrap_err();
    let text = format!("{failure}: {}", failure.source);
    assert!(text.contains("localhost:"), "{text}");
    assert!(
        !text.contains("secret") && !text.contains("tenant"),
        "{text}"
    );
    (failure.kind, text)
}

#[tokio::test(flavor = "current_thread")]
async fn it_keeps_the_contract() {
    let (root, tls) = certificates("localhost");
    let server = serve(Some(tls), "", End::Closed).await;
    let source = trusting(&format!("https://localhost:{}/", server.port), &root);
    let publish = async |jwks: &str| server.answer(answer("200 OK", jwks));
    port_contracts::key_source(&source, publish).await;
}

#[tokio::test(flavor = "current_thread")]
async fn the_body_is_the_key_set() {
    let (fetched, server) = fetch(answer("200 OK", KEYS), End::Closed).await;
    assert_eq!(fetched.unwrap(), KEYS.as_bytes());
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("GET /tenant/keys?v=1 HTTP/1.1\r\n"));
    let head = asked[0].to_lowercase();
    for header in [
        "host: localhost:",
        "accept: application/json\r\n",
        "accept-encoding: identity\r\n",
        "user-agent: sci-key-sources/",
    ] {
        assert!(head.contains(header), "{head}");
    }
    assert!(!head.contains("cookie") && !head.contains("authorization"));
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_is_kept_between_fetches() {
    let (root, tls) = certificates("localhost");
    let cookie = format!(
        "HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: {}\r\n\r\n{KEYS}",
        KEYS.len()
    );
    // Each connection answers once and then stays open: a second request on it would wait for ever.
    let server = serve(Some(tls), cookie, End::Never).await;
    let source = trusting(&format!("https://localhost:{}/", server.port), &root);
    for _ in 0..2 {
        assert_eq!(source.fetch().await.unwrap(), KEYS.as_bytes());
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(!asked[1].to_lowercase().contains("cookie"));
}

#[tokio::test(flavor = "current_thread")]
async fn every_way_to_send_a_body_is_read_to_its_end() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                   5\r\n{\"key\r\n6\r\ns\":[]}\r\n0\r\n\r\n";
    let until_closed = format!("HTTP/1.1 200 OK\r\n\r\n{KEYS}");
    for answer in [chunked, &until_closed] {
        let (fetched, _) = fetch(answer, End::Closed).await;
        assert_eq!(fetched.unwrap(), KEYS.as_bytes(), "{answer}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn only_status_200_counts() {
    for (status, kind) in [
        ("204 No Content", FailureKind::Misconfigured),
        ("206 Partial Content", FailureKind::Misconfigured),
        ("304 Not Modified", FailureKind::Misconfigured),
        ("400 Bad Request", FailureKind::Misconfigured),
        ("403 Forbidden", FailureKind::Misconfigured),
        ("404 Not Found", FailureKind::Misconfigured),
        ("429 Too Many Requests", FailureKind::Throttled),
        ("500 Internal Server Error", FailureKind::Unavailable),
        ("503 Service Unavailable", FailureKind::Unavailable),
    ] {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n");
        let (fetched, server) = fetch(head + "secret", End::Closed).await;
        let (found, text) = failed(fetched);
        assert_eq!(found, kind, "{text}");
        assert!(text.contains(&status[..3]), "{text}");
        assert_eq!(server.asked().len(), 1, "tried once");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_redirect_is_not_followed() {
    let (root, tls) = certificates("localhost");
    let elsewhere = serve(Some(tls.clone()), answer("200 OK", KEYS), End::Closed).await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = format!(
            "HTTP/1.1 {status} x\r\nlocation: https://localhost:{}/secret\r\ncontent-length: 0\r\n\r\n",
            elsewhere.port
        );
        let server = serve(Some(tls.clone()), redirect, End::Closed).await;
        let source = trusting(&format!("https://localhost:{}/", server.port), &root);
        let (kind, text) = failed(source.fetch().await);
        assert_eq!(kind, FailureKind::Misconfigured);
        assert!(
            text.contains(&format!("status {status}: redirects are not followed")),
            "{text}"
        );
    }
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_ends_at_the_limit() {
    let longest = "x".repeat(MAX_BYTES);
    let (fetched, _) = fetch(answer("200 OK", &longest), End::Closed).await;
    assert_eq!(fetched.unwrap().len(), MAX_BYTES);

    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..=MAX_BYTES / 0x1000 {
        endless.extend(format!("1000\r\n{}\r\n", "x".repeat(0x1000)).bytes());
    }
    for (answer, end) in [
        (
            answer("200 OK", &(longest.clone() + "x")).into_bytes(),
            End::Closed,
        ),
        (
            format!("HTTP/1.1 200 OK\r\n\r\n{longest}x").into_bytes(),
            End::Closed,
        ),
        // Given up as soon as it is too long, not when it is over.
        (endless, End::Never),
    ] {
        let (kind, text) = failed(fetch(answer, end).await.0);
        assert_eq!(kind, FailureKind::Misconfigured);
        assert!(text.contains("more than 65536 bytes"), "{text}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_that_breaks_off_is_no_key_set() {
    let short = format!("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{KEYS}secret");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsecret\r\n".to_owned();
    let until_closed = format!("HTTP/1.1 200 OK\r\n\r\n{KEYS}");
    for (answer, end) in [
        (short, End::Closed),
        (chunked, End::Closed),
        // Without a length, only the TLS alert at its end tells a whole body from half a one.
        (until_closed, End::Cut),
        ("secret\r\n\r\n".to_owned(), End::Closed),
        (String::new(), End::Closed),
    ] {
        let (kind, text) = failed(fetch(answer.clone(), end).await.0);
        assert_eq!(kind, FailureKind::Unavailable, "{answer:?}: {text}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_limit_of_time_covers_head_and_body() {
    let half = format!("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{KEYS}");
    let (head, body) = tokio::join!(
        fetch("HTTP/1.1 200 OK\r\n", End::Never),
        fetch(half, End::Never)
    );
    for (fetched, server) in [head, body] {
        let (kind, text) = failed(fetched);
        assert_eq!(kind, FailureKind::Unavailable);
        assert!(text.contains("did not answer in 1500 ms"), "{text}");
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_must_prove_who_it_is() {
    let (root, tls) = certificates("localhost");
    let (_, stranger) = certificates("localhost");
    let (other_root, other_name) = certificates("elsewhere.example");
    for (tls, root) in [(stranger, &root), (other_name, &other_root)] {
        let server = serve(Some(tls), answer("200 OK", KEYS), End::Closed).await;
        let source = trusting(&format!("https://localhost:{}/", server.port), root);
        let (kind, text) = failed(source.fetch().await);
        assert_eq!(kind, FailureKind::Unavailable);
        assert!(text.contains("invalid peer certificate"), "{text}");
        assert!(server.asked().is_empty(), "nothing was asked");
    }
    // The machine's own roots do not know it either.
    let server = serve(Some(tls), answer("200 OK", KEYS), End::Closed).await;
    let source = HttpsKeySource::new(&format!("https://localhost:{}/", server.port)).unwrap();
    let (_, text) = failed(source.fetch().await);
    assert!(text.contains("invalid peer certificate"), "{text}");
}

#[tokio::test(flavor = "current_thread")]
async fn without_tls_or_server_there_are_no_keys() {
    let (root, _) = certificates("localhost");
    let plain = serve(None, answer("200 OK", KEYS), End::Closed).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = nobody.local_addr().unwrap().port();
    drop(nobody);
    for port in [plain.port, gone] {
        let source = trusting(&format!("https://localhost:{port}/"), &root);
        assert_eq!(failed(source.fetch().await).0, FailureKind::Unavailable);
    }
}
