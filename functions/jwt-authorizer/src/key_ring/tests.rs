//! The ring on a source that a test leads, at a time that a test sets.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use sci_domain::ports::{FailureKind, PortFailure};
use serde_json::json;
use tokio::sync::Semaphore;

use super::*;

/// What a source answers next; at the end it repeats the last one.
#[derive(Clone)]
enum Reply {
    Keys(Vec<&'static str>),
    Broken(&'static str),
    Down,
}

#[derive(Clone)]
struct Scripted(Arc<Script>);

struct Script {
    replies: Mutex<VecDeque<Reply>>,
    fetches: AtomicUsize,
    /// A fetch needs a permit to answer.
    permits: Semaphore,
}

impl Scripted {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self(Arc::new(Script {
            replies: Mutex::new(replies.into_iter().collect()),
            fetches: AtomicUsize::new(0),
            permits: Semaphore::new(Semaphore::MAX_PERMITS),
        }))
    }

    fn fetches(&self) -> usize {
        self.0.fetches.load(Ordering::SeqCst)
    }
}

impl KeySource for Scripted {
    async fn fetch(&self) -> Result<Vec<u8>, PortFailure> {
        self.0.fetches.fetch_add(1, Ordering::SeqCst);
        let permit = self.0.permits.acquire().await.unwrap();
        permit.forget();
        let reply = {
            let mut replies = self.0.replies.lock().unwrap();
            let reply = replies.pop_front().unwrap();
            if replies.is_empty() {
                replies.push_back(reply.clone());
            }
            reply
        };
        match reply {
            Reply::Keys(kids) => Ok(set(&kids)),
            Reply::Broken(text) => Ok(text.as_bytes().to_vec()),
            Reply::Down => Err(PortFailure {
                operation: "fetch keys",
                kind: FailureKind::Unavailable,
                source: "the host did not answer".into(),
            }),
        }
    }
}

/// Ed25519 keys by their kid; the public key is that of RFC 8037, appendix A.
fn set(kids: &[&str]) -> Vec<u8> {
    let key = |kid: &&str| {
        json!({
            "kid": kid, "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })
    };
    let keys: Vec<_> = kids.iter().map(key).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}

/// Each test has a clock of its own, because tests run beside each other.
macro_rules! clock {
    () => {{
        static NOW: AtomicU64 = AtomicU64::new(1_795_184_580_000);
        fn now() -> Timestamp {
            Timestamp::from_millis(NOW.load(Ordering::SeqCst)).unwrap()
        }
        let advance = |seconds: u64| NOW.fetch_add(seconds * 1000, Ordering::SeqCst);
        (now as Clock, advance)
    }};
}

fn ring(source: &Scripted, clock: Clock) -> KeyRing<Scripted> {
    ring_with(source, clock, None)
}

fn ring_with(
    source: &Scripted,
    clock: Clock,
    snapshot: Option<(KeySet, Timestamp)>,
) -> KeyRing<Scripted> {
    let issuer = "https://id.example".to_owned();
    KeyRing::new(
        issuer,
        source.clone(),
        CacheLimits::default(),
        snapshot,
        clock,
    )
}

fn counts<S>(ring: &KeyRing<S>) -> Vec<Count> {
    ring.counts()
}

#[tokio::test]
async fn many_who_ask_at_once_cause_one_fetch() {
    let (clock, _) = clock!();
    let source = Scripted::new([Reply::Keys(vec!["a"])]);
    let ring = ring(&source, clock);
    let found = join_all((0..50).map(|_| ring.key("a"))).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(source.fetches(), 1);
    assert_eq!(counts(&ring), [Count::new("KeyRefreshes", 1)]);
    assert_eq!(counts(&ring), []);
}

#[tokio::test]
async fn ten_thousand_bogus_kids_cause_one_fetch_and_do_not_hide_a_new_key() {
    let (clock, advance) = clock!();
    let source = Scripted::new([
        Reply::Keys(vec!["a"]),
        Reply::Keys(vec!["a"]),
        Reply::Keys(vec!["a", "b"]),
    ]);
    let ring = ring(&source, clock);
    assert!(ring.key("a").await.is_ok());
    assert!(ring.key("bogus").await.is_err());
    assert_eq!(source.fetches(), 1, "just fetched");
    advance(30);
    for number in 0..10_000 {
        let bogus = ring.key(&format!("bogus-{number}")).await;
        assert_eq!(bogus.unwrap_err(), KeyUnavailable::Unknown);
    }
    assert_eq!(source.fetches(), 2);
    assert_eq!(ring.key("b").await.unwrap_err(), KeyUnavailable::Unknown);
    // Half a minute later somebody may cause a fetch again, and it brings the new key whoever that is.
    advance(30);
    assert!(ring.key("bogus-x").await.is_err());
    assert!(ring.key("b").await.is_ok());
    assert_eq!(source.fetches(), 3);
}

#[tokio::test]
async fn a_withdrawn_key_stops_within_five_minutes() {
    let (clock, advance) = clock!();
    let source = Scripted::new([Reply::Keys(vec!["a"]), Reply::Keys(vec!["b"])]);
    let ring = ring(&source, clock);
    assert_eq!(ring.key("a").await.unwrap().freshness, Freshness::Fresh);
    advance(299);
    // Used once more while the refresh runs behind the answer…
    assert_eq!(ring.key("a").await.unwrap().freshness, Freshness::Aging);
    let mut ended = ring.begin();
    ended.changed().await.unwrap_err();
    // …and not after it.
    assert_eq!(ring.key("a").await.unwrap_err(), KeyUnavailable::Unknown);
    assert_eq!(source.fetches(), 2);
}

#[tokio::test]
async fn a_source_that_is_down_is_not_asked_by_everybody() {
    let (clock, advance) = clock!();
    let source = Scripted::new([Reply::Keys(vec!["a"]), Reply::Down]);
    let ring = ring(&source, clock);
    ring.prime().await;
    advance(300);
    for _ in 0..100 {
        assert_eq!(ring.key("a").await.unwrap().freshness, Freshness::Stale);
    }
    assert_eq!(source.fetches(), 2);
    let expected = [
        Count::new("KeyRefreshes", 1),
        Count::new("KeyRefreshFailures", 1),
        Count::new("StaleKeys", 100),
    ];
    assert_eq!(counts(&ring), expected);
    advance(3300);
    assert_eq!(
        ring.key("a").await.unwrap_err(),
        KeyUnavailable::Unavailable
    );
}

#[tokio::test]
async fn what_is_no_key_set_is_a_failure_and_the_last_good_one_stays() {
    let (clock, advance) = clock!();
    let source = Scripted::new([
        Reply::Keys(vec!["a"]),
        Reply::Broken("<html>"),
        Reply::Keys(vec!["c"]),
    ]);
    let ring = ring(&source, clock);
    ring.prime().await;
    advance(301);
    assert_eq!(ring.key("a").await.unwrap().freshness, Freshness::Stale);
    advance(10);
    assert_eq!(ring.key("c").await.unwrap().freshness, Freshness::Fresh);
    assert_eq!(ring.key("a").await.unwrap_err(), KeyUnavailable::Unknown);
}

#[tokio::test]
async fn a_fetch_that_was_frozen_is_given_up_and_begun_anew() {
    let (clock, advance) = clock!();
    let source = Scripted::new([Reply::Keys(vec!["a"])]);
    let ring = ring(&source, clock);
    source.0.permits.forget_permits(Semaphore::MAX_PERMITS);
    drop(ring.begin());
    tokio::task::yield_now().await;
    assert_eq!(source.fetches(), 1);
    // The process sleeps for a minute in the middle of it.
    advance(60);
    source.0.permits.add_permits(1);
    let found = ring.key("a").await.unwrap();
    assert_eq!(found.freshness, Freshness::Fresh);
    assert_eq!(source.fetches(), 2);
}

#[tokio::test]
async fn a_source_that_hangs_is_given_up() {
    let (clock, _) = clock!();
    let source = Scripted::new([Reply::Keys(vec!["a"])]);
    source.0.permits.forget_permits(Semaphore::MAX_PERMITS);
    let cache = KeyCache::new(CacheLimits::default(), None);
    let limit = Duration::from_millis(20);
    let ring = KeyRing::with_limit("issuer".into(), source.clone(), cache, clock, limit);
    assert_eq!(
        ring.key("a").await.unwrap_err(),
        KeyUnavailable::Unavailable
    );
    // Nor does the next one wait for it.
    assert_eq!(
        ring.key("a").await.unwrap_err(),
        KeyUnavailable::Unavailable
    );
    assert_eq!(source.fetches(), 1);
}

#[tokio::test]
async fn the_snapshot_counts_only_until_the_source_has_answered_once() {
    let (clock, advance) = clock!();
    let source = Scripted::new([Reply::Down, Reply::Keys(vec!["b"]), Reply::Down]);
    let taken = KeySet::load(&set(&["a"])).unwrap().keys;
    let ring = ring_with(&source, clock, Some((taken, clock())));
    assert_eq!(ring.key("a").await.unwrap().freshness, Freshness::Snapshot);
    advance(10);
    assert!(ring.key("b").await.is_ok());
    assert_eq!(ring.key("a").await.unwrap_err(), KeyUnavailable::Unknown);
    advance(4000);
    assert_eq!(
        ring.key("a").await.unwrap_err(),
        KeyUnavailable::Unavailable
    );
}

#[tokio::test]
async fn a_snapshot_grows_too_old() {
    let (clock, advance) = clock!();
    let source = Scripted::new([Reply::Down]);
    let taken = KeySet::load(&set(&["a"])).unwrap().keys;
    let ring = ring_with(&source, clock, Some((taken, clock())));
    advance(7 * 86_400 - 1);
    assert_eq!(ring.key("a").await.unwrap().freshness, Freshness::Snapshot);
    advance(1);
    assert_eq!(
        ring.key("a").await.unwrap_err(),
        KeyUnavailable::Unavailable
    );
}
