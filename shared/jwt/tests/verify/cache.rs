//! Every transition of the key cache, by the clock of the caller.

use sci_domain::timestamp::{Millis, Timestamp};
use sci_jwt::{CacheLimits, Freshness, KeyCache, KeySet, Lookup};
use serde_json::json;

/// A set with these kids. The key is that of RFC 8037, appendix A.2.
pub(crate) fn keys(kids: &[&str]) -> KeySet {
    let key = |kid| {
        json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid,
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })
    };
    let keys: Vec<_> = kids.iter().map(key).collect();
    let loaded = KeySet::load(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    assert_eq!(loaded.keys.len(), kids.len());
    loaded.keys
}

/// Seconds after an hour that is as good as any other.
pub(crate) fn at(seconds: f64) -> Timestamp {
    Timestamp::from_millis((1_000_000_000_000.0 + seconds * 1000.0) as u64).unwrap()
}

/// What a look-up answered, in a form that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Key(Freshness),
    FetchFirst,
    Unknown,
    Unavailable,
}

use Answer::{FetchFirst, Key, Unavailable, Unknown};

pub(crate) fn look_up(cache: &mut KeyCache, kid: &str, now: Timestamp) -> Answer {
    match cache.look_up(kid, now) {
        Lookup::Key { freshness, .. } => Key(freshness),
        Lookup::FetchFirst => FetchFirst,
        Lookup::Unknown => Unknown,
        Lookup::Unavailable => Unavailable,
    }
}

pub(crate) fn empty() -> KeyCache {
    KeyCache::new(CacheLimits::default(), None)
}

/// A cache whose set of `a` was fetched at 0.
pub(crate) fn filled() -> KeyCache {
    let mut cache = empty();
    cache.fetched(keys(&["a"]), at(0.0));
    cache
}

#[test]
fn the_limits_are_those_of_the_documentation() {
    let limits = CacheLimits::default();
    assert_eq!(limits.soft_age, Millis::from_secs(120));
    assert_eq!(limits.hard_age, Millis::from_secs(300));
    assert_eq!(limits.stale_if_error, Millis::from_secs(3600));
    assert_eq!(limits.retry_after, Millis::from_secs(10));
    assert_eq!(limits.unknown_kid_interval, Millis::from_secs(30));
    assert_eq!(limits.unknown_kid_memory, Millis::from_secs(300));
    assert_eq!(limits.snapshot_max_age, Millis::from_secs(604_800));
}

#[test]
fn the_first_look_up_fetches() {
    let mut cache = empty();
    assert_eq!(look_up(&mut cache, "a", at(0.0)), FetchFirst);
    cache.fetched(keys(&["a"]), at(0.0));
    assert_eq!(look_up(&mut cache, "a", at(0.5)), Key(Freshness::Fresh));
}

#[test]
fn a_set_ages() {
    let mut cache = filled();
    for (seconds, answer) in [
        (0.0, Key(Freshness::Fresh)),
        (119.999, Key(Freshness::Fresh)),
        (120.0, Key(Freshness::Aging)),
        (299.999, Key(Freshness::Aging)),
        (300.0, FetchFirst),
        (1_000_000.0, FetchFirst),
    ] {
        assert_eq!(look_up(&mut cache, "a", at(seconds)), answer, "{seconds}");
    }
}

#[test]
fn age_counts_from_the_start_of_the_fetch() {
    let mut cache = empty();
    // The answer came at 200, after the process had been frozen.
    cache.fetched(keys(&["a"]), at(0.0));
    assert_eq!(look_up(&mut cache, "a", at(200.0)), Key(Freshness::Aging));
}

#[test]
fn a_failed_refresh_waits_before_the_next() {
    let mut cache = filled();
    cache.failed(at(130.0));
    assert_eq!(look_up(&mut cache, "a", at(139.999)), Key(Freshness::Fresh));
    assert_eq!(look_up(&mut cache, "a", at(140.0)), Key(Freshness::Aging));
}

#[test]
fn old_keys_are_used_while_fetching_fails_but_not_for_ever() {
    let mut cache = filled();
    assert_eq!(look_up(&mut cache, "a", at(300.0)), FetchFirst);
    cache.failed(at(300.0));
    assert_eq!(look_up(&mut cache, "a", at(300.5)), Key(Freshness::Stale));
    assert_eq!(look_up(&mut cache, "a", at(309.999)), Key(Freshness::Stale));
    assert_eq!(look_up(&mut cache, "a", at(310.0)), FetchFirst);
    // A newer set may have this kid, so it is not unknown.
    assert_eq!(look_up(&mut cache, "b", at(309.0)), Unavailable);

    cache.failed(at(3590.0));
    assert_eq!(
        look_up(&mut cache, "a", at(3599.999)),
        Key(Freshness::Stale)
    );
    cache.failed(at(3599.0));
    assert_eq!(look_up(&mut cache, "a", at(3600.0)), Unavailable);
    assert_eq!(look_up(&mut cache, "a", at(3609.0)), FetchFirst);

    cache.fetched(keys(&["a"]), at(3610.0));
    assert_eq!(look_up(&mut cache, "a", at(3611.0)), Key(Freshness::Fresh));
}

#[test]
fn without_any_set_nothing_is_available() {
    let mut cache = empty();
    cache.failed(at(0.0));
    assert_eq!(look_up(&mut cache, "a", at(9.999)), Unavailable);
    assert_eq!(look_up(&mut cache, "a", at(10.0)), FetchFirst);
}

#[test]
fn the_snapshot_serves_until_something_was_fetched() {
    let taken = at(0.0);
    let mut cache = KeyCache::new(CacheLimits::default(), Some((keys(&["s"]), taken)));
    let week = 7.0 * 86_400.0;
    // Fetching comes first.
    assert_eq!(look_up(&mut cache, "s", at(0.0)), FetchFirst);
    cache.failed(at(0.0));
    assert_eq!(look_up(&mut cache, "s", at(1.0)), Key(Freshness::Snapshot));
    assert_eq!(look_up(&mut cache, "t", at(1.0)), Unavailable);
    assert_eq!(look_up(&mut cache, "s", at(10.0)), FetchFirst);
    cache.failed(at(week - 1.0));
    assert_eq!(
        look_up(&mut cache, "s", at(week - 0.001)),
        Key(Freshness::Snapshot)
    );
    assert_eq!(look_up(&mut cache, "s", at(week)), Unavailable);
}

#[test]
fn what_was_withdrawn_since_the_snapshot_does_not_come_back() {
    let snapshot = Some((keys(&["old", "a"]), at(0.0)));
    let mut cache = KeyCache::new(CacheLimits::default(), snapshot);
    cache.fetched(keys(&["a"]), at(10.0));
    cache.failed(at(400.0));
    assert_eq!(look_up(&mut cache, "old", at(401.0)), Unavailable);
    assert_eq!(look_up(&mut cache, "a", at(401.0)), Key(Freshness::Stale));
    cache.failed(at(4000.0));
    assert_eq!(look_up(&mut cache, "a", at(4001.0)), Unavailable);
    assert_eq!(look_up(&mut cache, "old", at(4001.0)), Unavailable);
}

#[test]
fn an_empty_set_withdraws_every_key() {
    let mut cache = filled();
    cache.fetched(keys(&[]), at(1.0));
    assert_eq!(look_up(&mut cache, "a", at(1.0)), Unknown);
}

#[test]
fn an_answer_that_comes_late_does_not_replace_a_newer_one() {
    let mut cache = empty();
    cache.fetched(keys(&["b"]), at(5.0));
    cache.fetched(keys(&["a"]), at(4.999));
    assert_eq!(look_up(&mut cache, "b", at(6.0)), Key(Freshness::Fresh));
    assert_eq!(look_up(&mut cache, "a", at(6.0)), Unknown);
    // Of two that began together the one that came last counts.
    cache.fetched(keys(&["c"]), at(5.0));
    assert_eq!(look_up(&mut cache, "c", at(6.0)), Key(Freshness::Fresh));
    cache.fetched(keys(&["b"]), at(5.0));
    // Nor does a failure that comes late hide a newer one.
    cache.failed(at(320.0));
    cache.failed(at(310.0));
    assert_eq!(look_up(&mut cache, "b", at(325.0)), Key(Freshness::Stale));
}

#[test]
fn a_clock_that_was_wrong_keeps_nothing_alive() {
    let hour = 3600.0;
    // Fetched at a time that turns out to lie an hour ahead.
    let mut cache = empty();
    cache.fetched(keys(&["a"]), at(hour));
    assert_eq!(look_up(&mut cache, "a", at(0.0)), FetchFirst);
    cache.fetched(keys(&["b"]), at(0.0));
    assert_eq!(look_up(&mut cache, "b", at(0.0)), Key(Freshness::Fresh));

    // A failure, and a fetch for an unknown kid, of an hour ahead do not bar fetches until then.
    cache.failed(at(hour));
    assert_eq!(look_up(&mut cache, "b", at(299.0)), Key(Freshness::Aging));
    let mut cache = empty();
    cache.fetched(keys(&["a"]), at(hour));
    assert_eq!(look_up(&mut cache, "x", at(hour + 40.0)), FetchFirst);
    assert_eq!(look_up(&mut cache, "a", at(0.0)), FetchFirst);
    cache.fetched(keys(&["a"]), at(0.0));
    assert_eq!(look_up(&mut cache, "x", at(40.0)), FetchFirst);

    // Two requests that read the clock in one order and asked in the other are no such case.
    let mut cache = empty();
    cache.fetched(keys(&["a"]), at(30.0));
    assert_eq!(look_up(&mut cache, "a", at(0.0)), Key(Freshness::Fresh));
    assert_eq!(look_up(&mut cache, "a", at(-0.001)), FetchFirst);

    let mut cache = KeyCache::new(CacheLimits::default(), Some((keys(&["s"]), at(hour))));
    cache.failed(at(0.0));
    assert_eq!(look_up(&mut cache, "s", at(1.0)), Unavailable);
}
