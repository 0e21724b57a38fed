//! What kids that no key has may cost, and how a new key is found all the same.

use sci_domain::timestamp::Millis;
use sci_jwt::{CacheLimits, Freshness, KeyCache};

use crate::cache::{
    Answer::{FetchFirst, Key, Unknown},
    at, empty, filled, keys, look_up,
};

#[test]
fn a_set_is_not_fetched_again_at_once() {
    let mut cache = empty();
    assert_eq!(look_up(&mut cache, "bogus", at(0.0)), FetchFirst);
    cache.fetched(keys(&["a"]), at(0.0));
    assert_eq!(look_up(&mut cache, "bogus", at(0.5)), Unknown);
    assert_eq!(look_up(&mut cache, "other", at(29.999)), Unknown);
    assert_eq!(look_up(&mut cache, "bogus", at(30.0)), FetchFirst);
}

#[test]
fn one_bogus_kid_costs_one_fetch_in_five_minutes() {
    let mut cache = filled();
    assert_eq!(look_up(&mut cache, "bogus", at(40.0)), FetchFirst);
    for seconds in [40.0, 100.0, 200.0, 300.0, 339.0] {
        cache.fetched(keys(&["a"]), at(seconds));
        assert_eq!(look_up(&mut cache, "bogus", at(seconds)), Unknown);
        assert_eq!(look_up(&mut cache, "bogus", at(seconds + 0.999)), Unknown);
    }
    assert_eq!(look_up(&mut cache, "bogus", at(368.999)), Unknown);
    assert_eq!(look_up(&mut cache, "bogus", at(369.0)), FetchFirst);
    assert_eq!(look_up(&mut cache, "a", at(369.0)), Key(Freshness::Fresh));
    // It is the kid's own five minutes that count, not only those of the set.
    let mut cache = filled();
    assert_eq!(look_up(&mut cache, "bogus", at(40.0)), FetchFirst);
    cache.fetched(keys(&["a"]), at(240.0));
    assert_eq!(look_up(&mut cache, "bogus", at(339.999)), Unknown);
    assert_eq!(look_up(&mut cache, "bogus", at(340.0)), FetchFirst);
}

#[test]
fn ten_thousand_bogus_kids_cost_one_fetch() {
    let mut cache = filled();
    let kids: Vec<_> = (0..10_000).map(|n| format!("bogus-{n}")).collect();
    for (from, fetches) in [(1.0, 0), (30.0, 1), (59.0, 0), (60.0, 1)] {
        let mut counted = 0;
        for kid in &kids {
            if look_up(&mut cache, kid, at(from)) == FetchFirst {
                counted += 1;
                cache.fetched(keys(&["a"]), at(from));
            }
        }
        assert_eq!(counted, fetches, "{from}");
    }
}

#[test]
fn a_failed_fetch_for_an_unknown_kid_counts_too() {
    let mut cache = filled();
    assert_eq!(look_up(&mut cache, "new", at(40.0)), FetchFirst);
    cache.failed(at(40.0));
    assert_eq!(look_up(&mut cache, "new", at(41.0)), Unknown);
    assert_eq!(look_up(&mut cache, "a", at(41.0)), Key(Freshness::Fresh));
    assert_eq!(look_up(&mut cache, "other", at(69.999)), Unknown);
    assert_eq!(look_up(&mut cache, "other", at(70.0)), FetchFirst);
}

/// The worst case: the kid was looked for a moment too early, and no other unknown kid comes.
#[test]
fn a_new_key_is_found_at_the_soft_age_at_the_latest() {
    let mut cache = filled();
    assert_eq!(look_up(&mut cache, "new", at(30.0)), FetchFirst);
    cache.fetched(keys(&["a"]), at(30.0));
    for seconds in [30.1, 60.0, 149.999] {
        assert_eq!(look_up(&mut cache, "new", at(seconds)), Unknown);
    }
    assert_eq!(look_up(&mut cache, "new", at(150.0)), FetchFirst);
    cache.fetched(keys(&["new"]), at(150.0));
    assert_eq!(look_up(&mut cache, "new", at(150.1)), Key(Freshness::Fresh));
}

#[test]
fn a_refresh_that_an_unknown_kid_waits_for_is_counted_with_theirs() {
    let mut cache = filled();
    assert_eq!(look_up(&mut cache, "bogus", at(150.0)), FetchFirst);
    cache.fetched(keys(&["a"]), at(150.0));
    assert_eq!(look_up(&mut cache, "other", at(151.0)), Unknown);
    // While it fails, nobody waits again before it is tried again.
    let mut cache = filled();
    assert_eq!(look_up(&mut cache, "bogus", at(150.0)), FetchFirst);
    cache.failed(at(150.0));
    assert_eq!(look_up(&mut cache, "bogus", at(159.999)), Unknown);
    assert_eq!(look_up(&mut cache, "bogus", at(160.0)), FetchFirst);
}

#[test]
fn memory_for_unknown_kids_is_bounded() {
    let limits = CacheLimits {
        unknown_kid_interval: Millis::new(0),
        ..CacheLimits::default()
    };
    let mut cache = KeyCache::new(limits, None);
    cache.fetched(keys(&["a"]), at(0.0));
    for n in 0..65 {
        assert_eq!(look_up(&mut cache, &n.to_string(), at(1.0)), FetchFirst);
    }
    // The oldest was forgotten for the latest.
    assert_eq!(look_up(&mut cache, "1", at(1.0)), Unknown);
    assert_eq!(look_up(&mut cache, "0", at(1.0)), FetchFirst);
}
