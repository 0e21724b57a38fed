//! The life of an alarm, told as stories and as laws.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use proptest::prelude::*;
use sci_domain::{
    alarm::{
        AlarmKey, AlarmKind,
        fold::{ClosedBy, Sample},
        policy::{AlarmPolicy, NOfM},
        record::{Alarm, Disposition, REORDER_WINDOW, Step},
    },
    measure::Thousandths,
    notification::Transition::{
        self, Cleared, DeEscalated, Escalated, Flapping, Raised, Reminder, Steady,
    },
    severity::Severity,
    thing::ThingName,
    timestamp::{Millis, Timestamp},
};

const NOON: u64 = 1_795_176_000_000;

fn policy() -> AlarmPolicy {
    AlarmPolicy {
        ladder: "35=warning,40=major,45=critical".parse().unwrap(),
        hysteresis: Thousandths::from_units(2),
        count: NOfM::FIRST,
        hold: Millis::default(),
        latch: false,
        silence: Millis::from_secs(1800),
        renotify: Millis::from_secs(3600),
        flap_count: 0,
        flap_window: Millis::from_secs(3600),
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(NOON + seconds * 1000).unwrap()
}

fn sample(seconds: u64, degrees: f64) -> Sample {
    Sample {
        at: at(seconds),
        value: Thousandths::from_f64(degrees).unwrap(),
    }
}

/// An alarm and everything that people were told of it.
struct Story {
    alarm: Alarm,
    policy: AlarmPolicy,
    told: Vec<Transition>,
}

impl Story {
    fn new(policy: AlarmPolicy) -> Self {
        let thing = ThingName::parse("sci-property-001-environmental-0042").unwrap();
        let key = AlarmKey {
            thing,
            kind: AlarmKind::Temperature,
        };
        Self {
            alarm: Alarm::new(key, None),
            policy,
            told: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) -> Disposition {
        if let Some(next) = step.next {
            assert_eq!(next.version, self.alarm.version + 1);
            self.alarm = next;
        } else {
            assert_eq!(step.notification, None, "news without a write");
        }
        self.told.extend(step.notification.map(|n| n.transition));
        step.disposition
    }

    fn reads(&mut self, seconds: u64, degrees: f64) -> Disposition {
        let step = self
            .alarm
            .observe(sample(seconds, degrees), &self.policy, at(seconds));
        self.take(step)
    }

    fn reads_late(&mut self, seconds: u64, degrees: f64, now: u64) -> Disposition {
        let step = self
            .alarm
            .observe(sample(seconds, degrees), &self.policy, at(now));
        self.take(step)
    }

    fn waits_until(&mut self, seconds: u64) {
        let step = self.alarm.tick(&self.policy, at(seconds));
        self.take(step);
    }

    fn severity(&self) -> Option<Severity> {
        self.alarm.episode().map(|e| e.severity)
    }

    fn tells(&mut self, expected: &[Transition]) {
        assert_eq!(self.told, expected);
        self.told.clear();
    }
}

#[test]
fn raises_escalates_de_escalates_and_clears() {
    let mut story = Story::new(policy());
    for (seconds, degrees) in [(0, 22.0), (60, 35.0)] {
        story.reads(seconds, degrees);
    }
    story.tells(&[]);
    story.reads(120, 35.5);
    story.tells(&[Raised]);
    story.reads(180, 41.0);
    story.reads(240, 46.0);
    story.tells(&[Escalated, Escalated]);
    assert_eq!(story.severity(), Some(Severity::Critical));
    story.reads(300, 43.5); // above 45 - 2: still critical
    story.tells(&[]);
    story.reads(360, 42.9);
    story.reads(420, 37.0);
    story.tells(&[DeEscalated, DeEscalated]);
    story.reads(480, 33.1); // above 35 - 2
    story.tells(&[]);
    story.reads(540, 33.0);
    story.tells(&[Cleared]);
    let closed = story.alarm.closed().unwrap();
    assert_eq!((closed.by, closed.at), (ClosedBy::Reading, at(540)));
    assert_eq!(story.alarm.due_at(&story.policy), None);
}

#[test]
fn silence_closes_and_says_so() {
    let mut story = Story::new(policy());
    story.reads(0, 38.0);
    assert_eq!(
        story.alarm.due_at(&story.policy),
        Some(at(1800).plus(Millis::new(1)))
    );
    story.waits_until(1800);
    story.tells(&[Raised]);
    story.waits_until(1801);
    story.tells(&[Cleared]);
    assert_eq!(story.alarm.closed().unwrap().by, ClosedBy::Silence);
    let version = story.alarm.version;
    story.waits_until(9000);
    assert_eq!(
        story.alarm.version, version,
        "an alarm at rest is not written"
    );
}

#[test]
fn a_new_episode_after_an_unswept_silence_is_told() {
    let mut story = Story::new(policy());
    story.reads(0, 38.0);
    story.reads(4000, 38.0); // nobody swept in between
    story.tells(&[Raised, Raised]);
}

#[test]
fn debounces_by_count_and_by_time() {
    let mut story = Story::new(AlarmPolicy {
        count: NOfM::new(2, 3).unwrap(),
        ..policy()
    });
    for (seconds, degrees) in [(0, 36.0), (60, 30.0), (120, 30.0), (180, 36.0)] {
        story.reads(seconds, degrees);
    }
    story.tells(&[]);
    story.reads(240, 36.0);
    story.tells(&[Raised]);

    let mut story = Story::new(AlarmPolicy {
        hold: Millis::from_secs(300),
        ..policy()
    });
    for (seconds, degrees) in [
        (0, 36.0),
        (200, 36.0),
        (250, 30.0),
        (260, 36.0),
        (559, 36.0),
    ] {
        story.reads(seconds, degrees);
    }
    story.tells(&[]);
    story.reads(560, 36.0);
    story.tells(&[Raised]);
}

#[test]
fn reminds_until_acknowledged_and_an_escalation_asks_again() {
    let mut story = Story::new(AlarmPolicy {
        silence: Millis::from_secs(86_400),
        ..policy()
    });
    story.reads(0, 38.0);
    story.waits_until(3599);
    story.tells(&[Raised]);
    story.waits_until(3600);
    story.tells(&[Reminder]);
    story.alarm = story.alarm.acknowledge("ada", at(3700)).unwrap();
    assert_eq!(story.alarm.acknowledge("bob", at(3701)), None);
    story.waits_until(20_000);
    story.tells(&[]);
    story.reads(20_001, 46.0);
    story.tells(&[Escalated]);
    assert_eq!(story.alarm.acknowledged, None);
    story.waits_until(23_601);
    story.tells(&[Reminder]);
    story.reads(23_602, 20.0);
    assert_eq!(
        story.alarm.acknowledge("ada", at(23_603)),
        None,
        "nothing to acknowledge"
    );
}

#[test]
fn flapping_is_told_once_and_only_worse_news_breaks_the_quiet() {
    let flappy = AlarmPolicy {
        flap_count: 3,
        flap_window: Millis::from_secs(600),
        ..policy()
    };
    let mut story = Story::new(flappy);
    for round in 0..5_u64 {
        story.reads(round * 60, 36.0);
        story.reads(round * 60 + 30, 20.0);
    }
    story.tells(&[Raised, Cleared, Raised, Cleared, Flapping]);
    story.reads(300, 41.0);
    story.tells(&[Escalated]);
    story.reads(330, 20.0);
    story.reads(360, 41.0);
    story.tells(&[]);
    assert_eq!(
        story.alarm.due_at(&story.policy),
        Some(at(961).minus(Millis::new(999)))
    );
    story.waits_until(961);
    story.tells(&[Steady]);
    assert_eq!(
        story.severity(),
        Some(Severity::Major),
        "steady says that it is still active"
    );
}

#[test]
fn a_latched_alarm_only_grows_and_only_silence_closes_it() {
    let mut story = Story::new(AlarmPolicy {
        latch: true,
        ..policy()
    });
    story.reads(0, 41.0);
    story.reads(60, 20.0);
    assert_eq!(story.severity(), Some(Severity::Major));
    story.reads(120, 46.0);
    story.tells(&[Raised, Escalated]);
    story.waits_until(1921);
    story.tells(&[Cleared]);
}

#[test]
fn duplicates_and_late_samples() {
    let mut story = Story::new(policy());
    assert_eq!(story.reads(100, 38.0), Disposition::Applied);
    assert_eq!(story.reads(100, 38.0), Disposition::Duplicate);
    assert_eq!(
        story.reads(100, 37.0),
        Disposition::Duplicate,
        "the higher of two stays"
    );
    assert_eq!(story.reads(100, 41.0), Disposition::Applied);
    // An older quiet sample takes its place before the hot one and clears nothing.
    assert_eq!(story.reads_late(50, 20.0, 110), Disposition::Applied);
    story.tells(&[Raised, Escalated]);
    for n in 0..REORDER_WINDOW as u64 {
        story.reads(200 + n, 41.0);
    }
    assert_eq!(story.reads_late(100, 20.0, 300), Disposition::Late);
    assert_eq!(story.severity(), Some(Severity::Major));
}

#[test]
fn an_overtaken_hot_sample_does_not_raise() {
    let mut story = Story::new(policy());
    story.reads(60, 22.0);
    assert_eq!(story.reads_late(30, 38.0, 61), Disposition::Applied);
    story.tells(&[]);
    assert_eq!(story.severity(), None);
}

#[test]
fn a_backlog_of_old_readings_raises_nothing() {
    let mut story = Story::new(policy());
    for n in 0..5 {
        story.reads_late(n * 60, 38.0, 7200 + n);
    }
    story.tells(&[]);
}

#[test]
fn the_record_survives_its_document_and_stays_within_two_write_units() {
    let mut story = Story::new(policy());
    for n in 0..40 {
        story.reads(n * 60, 30.0 + f64::from(u32::try_from(n).unwrap()) / 3.0);
    }
    let document = serde_json::to_string(&story.alarm).unwrap();
    assert_eq!(
        serde_json::from_str::<Alarm>(&document).unwrap(),
        story.alarm
    );
    assert!(document.len() < 1536, "{} bytes", document.len());
}

fn policies() -> impl Strategy<Value = AlarmPolicy> {
    let counts = (1_u8..=4, 1_u8..=4).prop_map(|(n, m)| NOfM::new(n.min(m), m).unwrap());
    let seconds = |max: u64| (0..=max).prop_map(Millis::from_secs);
    (
        counts,
        seconds(120),
        seconds(600),
        any::<bool>(),
        0_u8..4,
        0_i32..5,
    )
        .prop_map(
            |(count, hold, silence, latch, flap_count, hysteresis)| AlarmPolicy {
                count,
                hold,
                latch,
                silence: silence.max(Millis::from_secs(60)),
                flap_count,
                hysteresis: Thousandths::from_units(hysteresis),
                ..policy()
            },
        )
}

fn samples(max: usize) -> impl Strategy<Value = Vec<Sample>> {
    let one = (0_u64..900, 28_000_i32..48_000);
    prop::collection::vec(
        one.prop_map(|(s, milli)| sample(s, f64::from(milli) / 1000.0)),
        1..max,
    )
}

fn run(order: &[Sample], policy: &AlarmPolicy) -> Alarm {
    let mut story = Story::new(policy.clone());
    for sample in order {
        let step = story.alarm.observe(*sample, policy, at(1000));
        story.take(step);
    }
    story.alarm
}

type State = (
    Option<(Timestamp, Severity, Thousandths)>,
    Option<ClosedBy>,
    Option<Sample>,
    bool,
);

fn state(alarm: &Alarm) -> State {
    let episode = alarm.episode().map(|e| (e.since, e.severity, e.peak));
    (
        episode,
        alarm.closed().map(|c| c.by),
        alarm.last(),
        alarm.flapping(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Any permutation and duplication of readings ends in the same alarm state.
    #[test]
    fn order_and_repetition_do_not_matter(
        policy in policies(),
        mut order in samples(REORDER_WINDOW).prop_flat_map(|s| Just(s).prop_shuffle()),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        // First deliveries in any order, repetitions in between, and the same in event-time order.
        let mut sorted = order.clone();
        sorted.sort_unstable();
        for repeat in repeats {
            let again = *repeat.get(&order);
            order.insert(repeat.index(order.len()), again);
        }
        prop_assert_eq!(state(&run(&order, &policy)), state(&run(&sorted, &policy)));
    }

    /// A value that stays within the hysteresis changes nothing: one raise, never a clear.
    #[test]
    fn hysteresis_never_flaps(trembling in prop::collection::vec(33_001_i32..=40_000, 1..200)) {
        let mut story = Story::new(AlarmPolicy { flap_count: 4, ..policy() });
        story.reads(0, 36.0);
        for (n, milli) in trembling.iter().enumerate() {
            story.reads(1 + n as u64, f64::from(*milli) / 1000.0);
        }
        prop_assert_eq!(&story.told, &[Raised]);
        prop_assert_eq!(story.severity(), Some(Severity::Warning));
    }

    /// What people were told last is what is.
    #[test]
    fn people_know_the_state(policy in policies(), order in samples(40)) {
        let mut story = Story::new(policy);
        let mut now = 0;
        for s in order {
            now = now.max(s.at.since(at(0)).as_secs());
            let step = story.alarm.observe(s, &story.policy.clone(), at(now));
            let told = step.notification.clone();
            story.take(step);
            if let Some(told) = told {
                prop_assert_eq!(told.active, story.alarm.episode().is_some());
                prop_assert!(told.subject().is_ascii() && told.subject().len() < 100);
            }
        }
        let active = story.alarm.episode().is_some();
        let known = story.told.iter().rev().find_map(|t| match t {
            Raised | Escalated | DeEscalated | Reminder => Some(true),
            Cleared => Some(false),
            Flapping | Steady => None,
        });
        if !story.told.iter().any(|t| matches!(t, Flapping | Steady)) {
            prop_assert_eq!(known.unwrap_or(false), active);
        }
        // And it cannot stay open for ever.
        let end = now + 86_400;
        story.waits_until(end);
        prop_assert!(story.alarm.episode().is_none());
    }
}
