//! What holds of the key cache in every history of look-ups, rotations, outages and slow answers.

use proptest::{collection::vec, prelude::*, sample::subsequence};
use sci_domain::timestamp::{Millis, Timestamp};
use sci_jwt::{CacheLimits, Freshness, KeyCache};

use crate::cache::{Answer, at, keys, look_up};

const KIDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    /// Somebody asks for a kid; an answer of the issuer takes so many milliseconds.
    Ask(&'static str, u64),
    /// The issuer publishes these.
    Publish(Vec<&'static str>),
    /// The issuer can be reached, or not.
    Reach(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => prop_oneof![0..2_000_u64, 5_000..40_000_u64, 100_000..400_000_u64].prop_map(Step::Wait),
        8 => (prop::sample::select(&KIDS), 0..1_500_u64).prop_map(|(kid, ms)| Step::Ask(kid, ms)),
        1 => subsequence(&KIDS, 0..=4).prop_map(Step::Publish),
        1 => any::<bool>().prop_map(Step::Reach),
    ];
    vec(step, 1..200)
}

/// The cache, its surroundings, and what an observer knows.
struct World {
    cache: KeyCache,
    limits: CacheLimits,
    snapshot: Option<(Vec<&'static str>, Timestamp)>,
    now: Timestamp,
    published: Vec<&'static str>,
    reachable: bool,
    /// The last set that was fetched, and when that began.
    fetched: Option<(Vec<&'static str>, Timestamp)>,
    failed_at: Option<Timestamp>,
    /// When an unknown kid last made a set be fetched that was still young.
    extra_fetch: Option<Timestamp>,
}

impl World {
    fn failing(&self) -> bool {
        self.failed_at
            .is_some_and(|failed_at| self.now.since(failed_at) < self.limits.retry_after)
    }

    fn fetch(&mut self, takes: u64) {
        let started_at = self.now;
        let answer = self.published.clone();
        self.now = self.now.plus(Millis::new(takes));
        if self.reachable {
            self.cache.fetched(keys(&answer), started_at);
            self.fetched = Some((answer, started_at));
            self.failed_at = None;
        } else {
            self.cache.failed(started_at);
            self.failed_at = Some(started_at);
        }
    }

    fn ask(&mut self, kid: &'static str, takes: u64) {
        let answer = self.look_up(kid);
        if answer == Answer::FetchFirst {
            self.fetch(takes);
            assert_ne!(
                self.look_up(kid),
                Answer::FetchFirst,
                "twice for one question"
            );
        } else if answer == Answer::Key(Freshness::Aging) && takes.is_multiple_of(2) {
            self.fetch(takes); // in the background
        }
    }

    fn look_up(&mut self, kid: &'static str) -> Answer {
        let answer = look_up(&mut self.cache, kid, self.now);
        let limits = self.limits;
        let age = self.fetched.as_ref().map(|(_, at)| self.now.since(*at));
        let known = self
            .fetched
            .as_ref()
            .is_some_and(|(kids, _)| kids.contains(&kid));
        match answer {
            Answer::Key(Freshness::Snapshot) => {
                assert_eq!(age, None, "something was fetched");
                let (kids, taken_at) = self.snapshot.as_ref().unwrap();
                assert!(kids.contains(&kid) && self.failing());
                assert!(self.now.since(*taken_at) < limits.snapshot_max_age);
            }
            Answer::Key(freshness) => {
                assert!(known, "the last set does not have {kid}");
                let age = age.unwrap();
                let (youngest, oldest) = match freshness {
                    Freshness::Fresh if self.failing() => (Millis::new(0), limits.hard_age),
                    Freshness::Fresh => (Millis::new(0), limits.soft_age),
                    Freshness::Aging => (limits.soft_age, limits.hard_age),
                    _ => (limits.hard_age, limits.stale_if_error),
                };
                assert!(youngest <= age && age < oldest, "{freshness:?} at {age:?}");
                assert!(freshness != Freshness::Stale || self.failing());
            }
            Answer::FetchFirst => {
                assert!(!self.failing() || age.is_some_and(|age| age < limits.hard_age));
                if age.is_some_and(|age| age < limits.soft_age) {
                    assert!(!known);
                    let waited = self.extra_fetch.map(|at| self.now.since(at));
                    let permitted = waited.is_none_or(|ms| ms >= limits.unknown_kid_interval);
                    assert!(permitted, "again after {waited:?}");
                    self.extra_fetch = Some(self.now);
                }
            }
            // A newer set than this is at most the soft age away, as long as fetching succeeds.
            Answer::Unknown => {
                assert!(!known && (age.unwrap() < limits.soft_age || self.failing()));
            }
            Answer::Unavailable => assert!(self.failing()),
        }
        answer
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_a_rule(
        steps in steps(),
        published in subsequence(&KIDS, 0..=3),
        snapshot in prop::option::of((subsequence(&KIDS, 0..=3), -700_000..0_i32)),
    ) {
        let limits = CacheLimits::default();
        let snapshot = snapshot.map(|(kids, seconds)| (kids, at(f64::from(seconds))));
        let baked = snapshot.as_ref().map(|(kids, taken_at)| (keys(kids), *taken_at));
        let mut world = World {
            cache: KeyCache::new(limits, baked),
            limits,
            snapshot,
            now: at(0.0),
            published,
            reachable: true,
            fetched: None,
            failed_at: None,
            extra_fetch: None,
        };
        for step in steps {
            match step {
                Step::Wait(ms) => world.now = world.now.plus(Millis::new(ms)),
                Step::Ask(kid, takes) => world.ask(kid, takes),
                Step::Publish(kids) => world.published = kids,
                Step::Reach(reachable) => world.reachable = reachable,
            }
        }
    }
}
