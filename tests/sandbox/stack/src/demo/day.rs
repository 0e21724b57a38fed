//! The script of the demo: one summer day in three properties, from midnight to midnight.

use serde_json::{Value, json};

/// 2026-06-15T00:00:00Z. A fixed day, so that the demo prints the same on every machine.
pub(crate) const MIDNIGHT: u64 = 1_781_481_600_000;
/// How often the sensors report.
pub(crate) const INTERVAL_MINUTES: u64 = 15;

/// A device of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Lives through a heat wave.
    Office,
    /// Trembles around the threshold.
    Lobby,
    /// Is debounced: two of three readings must be hot.
    Server,
    /// Publishes on `sensors/…`, where the rule lets only hot readings through.
    Attic,
    /// Sends every kind of nonsense.
    Broken,
    /// A smart lock.
    Lock,
}

impl Role {
    pub(crate) const ALL: [Self; 6] = [
        Self::Office,
        Self::Lobby,
        Self::Server,
        Self::Attic,
        Self::Broken,
        Self::Lock,
    ];

    pub(crate) const fn thing(self) -> &'static str {
        match self {
            Self::Office => "sci-property-001-environmental-0042",
            Self::Lobby => "sci-property-001-environmental-0043",
            Self::Server => "sci-property-002-environmental-0007",
            Self::Attic => "sci-property-002-environmental-0009",
            Self::Broken => "sci-property-003-environmental-0001",
            Self::Lock => "sci-property-001-lock-0003",
        }
    }

    pub(crate) const fn property(self) -> &'static str {
        match self {
            Self::Office | Self::Lobby | Self::Lock => "property-001",
            Self::Server | Self::Attic => "property-002",
            Self::Broken => "property-003",
        }
    }

    pub(crate) const fn thing_type(self) -> &'static str {
        match self {
            Self::Lock => "SCI-Smart-Lock",
            _ => "SCI-Environmental-Sensor",
        }
    }

    fn topic(self, leaf: &str) -> String {
        match (self, leaf) {
            (Self::Attic, "environmental") => format!("sensors/{}/data", self.thing()),
            _ => format!("sci/properties/{}/{leaf}", self.thing()),
        }
    }
}

/// What happens at a point of the day.
#[derive(Debug, Clone)]
pub(crate) enum Beat {
    /// The narrator.
    Say(&'static str),
    /// A device publishes, `times` times.
    Publish {
        role: Role,
        topic: String,
        payload: Vec<u8>,
        times: u32,
    },
    /// Something in AWS breaks.
    Break(Outage),
    /// It works again.
    Repair,
    /// An operator takes care of a device's alarm of this kind.
    Acknowledge(Role, &'static str),
    /// A device that has no certificate shows its token, or something is done to one that did.
    Present(Presented),
    /// A device wants to become a thing.
    Enrol(Enrolling),
}

/// Who wants to become a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enrolling {
    /// Nobody yet: an operator puts a batch on the allow-list.
    Prepare,
    /// Ten sensors of the batch.
    Ten,
    /// Somebody with the claim certificate and an invented serial number.
    Invented,
    /// Somebody with the claim certificate and the serial number of a device, but not its secret.
    StolenClaim,
    /// A copy of an enrolled device.
    Clone,
    /// A device whose certificate a CA of the company signed, through just-in-time registration.
    Registered,
    /// One whose CA is trusted for all that it signs, through just-in-time provisioning.
    Provisioned,
}

/// What devices with tokens live through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presented {
    /// A good token.
    Good,
    /// A good token, and a topic that its scopes do not name.
    BeyondItsScopes,
    /// A token that expired.
    Expired,
    /// Another device's token.
    OfAnotherThing,
    /// A good token of a device that will be stolen.
    Stolen,
    /// The thief is noticed.
    Revoked,
    /// An hour has passed.
    OutOfTime,
}

/// What can break in the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// SNS answers 500.
    Notifications,
    /// DynamoDB answers 500 to everything.
    Database,
    /// The answer of the temperature function's next invocation is lost on its way.
    LostAnswer,
    /// DynamoDB throttles the next two calls.
    Throttling,
}

/// The whole day in order: minute after midnight, and what happens.
pub(crate) fn script() -> Vec<(u64, Beat)> {
    let mut beats = Vec::new();
    for minute in (0..24 * 60).step_by(INTERVAL_MINUTES as usize) {
        for role in [Role::Office, Role::Lobby, Role::Server] {
            // The lobby loses its network from 08:00 to 09:00 and sends what it missed afterwards.
            if !(role == Role::Lobby && (480..540).contains(&minute)) {
                beats.push((minute, reading(role, minute, temperature(role, minute))));
            }
        }
        // The attic's connection breaks for good after 14:15.
        if minute <= 855 {
            beats.push((
                minute,
                reading(Role::Attic, minute, temperature(Role::Attic, minute)),
            ));
        }
    }
    beats.extend(incidents());
    // Stable: what was pushed first happens first within a minute; incidents come before the readings they affect.
    beats.sort_by_key(|(minute, beat)| {
        (
            *minute,
            !matches!(beat, Beat::Say(_) | Beat::Break(_) | Beat::Repair),
        )
    });
    beats
}

fn incidents() -> Vec<(u64, Beat)> {
    let mut beats = vec![
        (
            0,
            Beat::Say(
                "A quiet night: every reading is checked and kept as telemetry, nothing else.",
            ),
        ),
        (
            360,
            Beat::Say(
                "A device with broken firmware sends nonsense. Every message is refused with a reason and kept.",
            ),
        ),
        (
            540,
            Beat::Say(
                "The lobby's network is back. It sends what it measured meanwhile: late, but in its place.",
            ),
        ),
        (
            600,
            Beat::Say(
                "One hot reading in the server room. Its property wants two of three: no alarm.",
            ),
        ),
        (
            750,
            Beat::Say(
                "The heat wave. Alarms are raised, become worse, and people hear of each change once.",
            ),
        ),
        (
            780,
            Beat::Say("The office sensor repeats itself (QoS 1 delivers at least once)."),
        ),
        (
            795,
            Beat::Say("DynamoDB throttles; the SDK waits and tries again."),
        ),
        (795, Beat::Break(Outage::Throttling)),
        (
            825,
            Beat::Say(
                "The function does its work, but its answer is lost. Lambda tries again; the message is recognised.",
            ),
        ),
        (825, Beat::Break(Outage::LostAnswer)),
        (
            840,
            Beat::Say("SNS is down. The news waits in the outbox, and the sweep delivers it."),
        ),
        (840, Beat::Break(Outage::Notifications)),
        (855, Beat::Repair),
        (
            765,
            Beat::Say("An operator acknowledges an alarm: no reminders, until it becomes worse."),
        ),
        (765, Beat::Acknowledge(Role::Lobby, "temperature")),
        (870, Beat::Acknowledge(Role::Office, "temperature")),
        (870, Beat::Acknowledge(Role::Server, "temperature")),
        (1340, Beat::Say("A guard takes care of it.")),
        (1340, Beat::Acknowledge(Role::Lock, "access_denied")),
        (1340, Beat::Acknowledge(Role::Lock, "tamper")),
        (1340, Beat::Acknowledge(Role::Lock, "forced_entry")),
        (
            900,
            Beat::Say(
                "The attic fell silent while it was hot. Silence closes an alarm, and says so.",
            ),
        ),
        (
            1020,
            Beat::Say(
                "DynamoDB is down for a minute, longer than Lambda retries: three messages end in the failure queue.",
            ),
        ),
        (1020, Beat::Break(Outage::Database)),
        (1021, Beat::Repair),
        (1330, Beat::Say("Night. Somebody is at the door.")),
    ];
    beats.extend(tokens());
    beats.extend(enrolments());
    for minute in (480..540).step_by(INTERVAL_MINUTES as usize) {
        let mut late = reading(Role::Lobby, minute, temperature(Role::Lobby, minute));
        if let Beat::Publish { times, .. } = &mut late {
            *times = 1;
        }
        beats.push((540, late));
    }
    beats.push((
        780,
        repeated(
            reading(Role::Office, 780, temperature(Role::Office, 780)),
            2,
        ),
    ));
    beats.extend(nonsense().into_iter().map(|payload| {
        let topic = Role::Broken.topic("environmental");
        (
            360,
            Beat::Publish {
                role: Role::Broken,
                topic,
                payload,
                times: 1,
            },
        )
    }));
    for (minute, level, kind, times) in [
        (1000, 2, "door_held_open", 1),
        (1330, 4, "access_denied", 1),
        (1331, 5, "tamper", 1),
        (1333, 6, "forced_entry", 2),
        (1334, 8, "forced_entry", 1),
    ] {
        let payload = json!({
            "alert_level": level, "event_type": kind, "property_id": Role::Lock.property(),
            "device_type": "lock", "timestamp": MIDNIGHT + minute * 60_000,
        });
        let topic = Role::Lock.topic("security");
        beats.push((
            minute,
            Beat::Publish {
                role: Role::Lock,
                topic,
                payload: text(&payload),
                times,
            },
        ));
    }
    beats
}

fn tokens() -> impl Iterator<Item = (u64, Beat)> {
    let beats = [
        (
            1080,
            Beat::Say(
                "Some devices have no certificate: they show a token of the company's identity provider.",
            ),
        ),
        (1080, Beat::Present(Presented::BeyondItsScopes)),
        (1080, Beat::Present(Presented::Good)),
        (1080, Beat::Present(Presented::Expired)),
        (1080, Beat::Present(Presented::OfAnotherThing)),
        (1080, Beat::Present(Presented::Stolen)),
        (
            1110,
            Beat::Say(
                "A lock is stolen. An operator puts it on the revocation list and ends its connection.",
            ),
        ),
        (1110, Beat::Present(Presented::Revoked)),
        (1141, Beat::Present(Presented::OutOfTime)),
    ];
    beats.into_iter()
}

fn enrolments() -> impl Iterator<Item = (u64, Beat)> {
    let beats = [
        (
            1170,
            Beat::Say(
                "Ten new sensors are switched on. Each has the claim certificate of its batch, makes its own key, and asks to become a thing.",
            ),
        ),
        (1170, Beat::Enrol(Enrolling::Prepare)),
        (1170, Beat::Enrol(Enrolling::Ten)),
        (
            1200,
            Beat::Say("Somebody opened a sensor, has its claim certificate, and tries."),
        ),
        (1200, Beat::Enrol(Enrolling::Invented)),
        (1200, Beat::Enrol(Enrolling::StolenClaim)),
        (
            1230,
            Beat::Say("Somebody copied a sensor, with its secret."),
        ),
        (1230, Beat::Enrol(Enrolling::Clone)),
        (
            1260,
            Beat::Say(
                "Two devices come with certificates that CAs signed at the factory: one is checked by jit-registration, one by its CA's template alone.",
            ),
        ),
        (1260, Beat::Enrol(Enrolling::Registered)),
        (1260, Beat::Enrol(Enrolling::Provisioned)),
    ];
    beats.into_iter()
}

fn repeated(beat: Beat, more: u32) -> Beat {
    match beat {
        Beat::Publish {
            role,
            topic,
            payload,
            ..
        } => Beat::Publish {
            role,
            topic,
            payload,
            times: more,
        },
        other => other,
    }
}

fn reading(role: Role, minute: u64, degrees: f64) -> Beat {
    let payload = if role == Role::Attic {
        json!({ "temp": degrees, "deviceId": role.thing(), "humidity": 40 })
    } else {
        json!({
            "temperature": degrees, "humidity": 45.5, "property_id": role.property(),
            "device_type": "environmental", "timestamp": MIDNIGHT + minute * 60_000,
        })
    };
    Beat::Publish {
        role,
        topic: role.topic("environmental"),
        payload: text(&payload),
        times: 1,
    }
}

/// Payloads of the broken device; each breaks one rule.
fn nonsense() -> Vec<Vec<u8>> {
    let now = MIDNIGHT + 360 * 60_000;
    let good = json!({
        "temperature": 21.5, "humidity": 40, "property_id": Role::Broken.property(),
        "device_type": "environmental", "timestamp": now,
    });
    let with = |field: &str, value: Value| {
        let mut broken = good.clone();
        if let Some(slot) = broken.get_mut(field) {
            *slot = value;
        }
        text(&broken)
    };
    vec![
        with("temperature", json!("hot")),
        with("temperature", json!("NaN")),
        with("temperature", json!(451)),
        with("temperature", json!(308.15)),
        with("temperature", Value::Null),
        with("humidity", json!(140)),
        with("timestamp", json!(now / 1000)),
        with("timestamp", json!(now - 8 * 24 * 3_600_000)),
        with("timestamp", json!(now + 3_600_000)),
        with("property_id", json!("property-001")),
        text(&good)
            .into_iter()
            .map(|byte| if byte == b':' { b';' } else { byte })
            .collect(),
        vec![0xFF; 100 * 1024],
    ]
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// The air temperature in °C: straight lines between the points of each device's day.
fn temperature(role: Role, minute: u64) -> f64 {
    let points: &[(u64, f64)] = match role {
        Role::Office => &[
            (0, 20.5),
            (360, 19.0),
            (660, 28.0),
            (750, 36.5),
            (780, 38.5),
            (810, 41.5),
            (840, 46.0),
            (900, 46.0),
            (930, 42.0),
            (990, 36.0),
            (1035, 32.0),
            (1200, 25.0),
            (1440, 21.0),
        ],
        // Between 34 and 36 all afternoon: one alarm, not ten.
        Role::Lobby => return trembling(minute),
        Role::Server => {
            if minute == 600 {
                return 37.0;
            }
            &[
                (0, 22.0),
                (780, 30.0),
                (810, 36.0),
                (900, 37.0),
                (960, 31.0),
                (1440, 22.0),
            ]
        }
        _ => &[
            (0, 18.0),
            (780, 29.5),
            (840, 38.5),
            (855, 39.0),
            (1440, 30.0),
        ],
    };
    let after = points.iter().find(|(at, _)| *at >= minute);
    let before = points.iter().rev().find(|(at, _)| *at <= minute);
    match (before, after) {
        (Some((from, low)), Some((to, high))) if to > from => {
            let share = (minute - from) as f64 / (to - from) as f64;
            ((low + (high - low) * share) * 10.0).round() / 10.0
        }
        (Some((_, value)), _) | (_, Some((_, value))) => *value,
        (None, None) => 20.0,
    }
}

fn trembling(minute: u64) -> f64 {
    match minute {
        0..720 => 21.0,
        720..1020 if (minute / INTERVAL_MINUTES).is_multiple_of(2) => 35.8,
        720..1020 => 34.2,
        _ => 24.0,
    }
}
