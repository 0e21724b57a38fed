//! What is nearly a row: the function and the second implementation must agree on it.

use std::env;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use serde_json::json;
use testkit::{
    Random,
    authorizer::{ALL_SCOPES, AUDIENCE, THING, claims},
    tokens::{NOW, TestKey, Unsigned, map_tokens},
};

use crate::{
    CORPUS,
    oracle::Oracle,
    outcome,
    row::{Expected, Row, header, password},
    support::World,
};

/// What is put into a text in some place.
const SNIPPETS: [&str; 40] = [
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "0",
    "-1",
    "1e9",
    "1795184580",
    "1795188120.5",
    "\"",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "\\u0000",
    "\\ud800",
    " ",
    "\n",
    "\0",
    ".",
    "=",
    "-",
    "_",
    "é",
    "*",
    "/",
    "\"x\":1,",
    "\"sub\":\"a\",",
    "\"alg\":\"none\",",
    "\"exp\":1,",
    "\"aud\":[\"sci-iot\"],",
    "\"crit\":[],",
    "telemetry:publish ",
    "sci-",
    "insecure-es256",
    "token",
];

/// The text with one to three changes.
fn changed(random: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(letters.len() as u64 + 1) as usize;
        let end = (at + random.below(9) as usize).min(letters.len());
        let some = letters[at..end].to_vec();
        let snippet = SNIPPETS[random.below(SNIPPETS.len() as u64) as usize];
        match random.below(5) {
            0 => drop(letters.splice(at..end, [])),
            1 => drop(letters.splice(at..at, some)),
            2 => drop(letters.splice(at..end, snippet.chars())),
            _ => drop(letters.splice(at..at, snippet.chars())),
        }
    }
    letters.into_iter().collect()
}

/// Claims that are good or nearly so: one or two of them at their edges.
fn varied(random: &mut Random) -> String {
    let mut claims = claims();
    for _ in 0..=random.below(2) {
        // Around now, around now plus a day, and to the millisecond around the leeway.
        let base = [NOW, NOW + 86_340, NOW - 30, NOW + 30][random.below(4) as usize] * 1000 - 2000;
        let millis = base + random.below(4000);
        let whole = json!(millis / 1000);
        let time = if random.chance(500) {
            whole
        } else {
            json!(millis as f64 / 1000.0)
        };
        let (name, value) = match random.below(8) {
            0 | 1 => ("exp", time),
            2 => ("iat", time),
            3 => ("nbf", time),
            4 => (
                "aud",
                json!(["other", AUDIENCE, "sci"][..random.below(4) as usize]),
            ),
            5 => ("scope", json!(changed(random, ALL_SCOPES))),
            6 => ("jti", json!(changed(random, "insecure-token-1"))),
            _ => (
                "property_id",
                json!(["property-001", "property-002"][random.below(2) as usize]),
            ),
        };
        claims[name] = value;
    }
    claims.to_string()
}

/// Header and payload of the first token in an event, if they are texts.
fn parts(event: &str) -> Option<(String, String)> {
    let mut found = None;
    let _ = map_tokens(event, |token| {
        let mut parts = token
            .split('.')
            .map(|part| String::from_utf8(BASE64URL.decode(part).ok()?).ok());
        let both = parts.next().flatten().zip(parts.next().flatten());
        found = found.take().or(both);
        String::new()
    });
    found
}

fn nearly(random: &mut Random, row: &Row) -> String {
    let good = || (header(TestKey::Es256).to_string(), claims().to_string());
    let (head, payload) = parts(&row.event).unwrap_or_else(good);
    let (head, payload) = match random.below(6) {
        // Half a surrogate pair in a text that nobody reads is no concern of the function's.
        0 => return changed(random, &row.event).replace("\\ud800", "\\u0000"),
        1 => (changed(random, &head), payload),
        2 => (good().0, changed(random, &payload)),
        3 => (good().0, changed(random, &good().1)),
        _ => (good().0, varied(random)),
    };
    password(THING, Unsigned::new(head, payload).sign(TestKey::Es256))
}

/// Answers how many events were compared, and how many of them were let in. `AUTHORIZER_MUTANTS` says how many it should be.
pub(crate) async fn two_implementations_agree() -> (usize, usize) {
    #[expect(clippy::disallowed_methods, reason = "no setting of the function")]
    let count = env::var("AUTHORIZER_MUTANTS").map_or(1500, |text| text.parse().unwrap());
    let rows: Vec<_> = CORPUS.rows.iter().collect();
    let mut random = Random::new(20_261_120);
    let mut admitted = 0;
    for _ in 0..count {
        let row = rows[random.below(rows.len() as u64) as usize];
        let near = Row {
            event: nearly(&mut random, row),
            world: World::default(),
            ..row.clone()
        };
        let outcome = outcome::of(&near).await;
        let oracle = Oracle {
            world: &near.world,
            flaws: &[],
        };
        let found = match outcome.decision {
            Expected::Allow { thing, scopes } => {
                Some((thing, scopes.split(' ').map(str::to_owned).collect()))
            }
            Expected::Deny(_) => None,
        };
        admitted += usize::from(found.is_some());
        assert_eq!(
            found,
            oracle.admits(&near.event),
            "near {}: {}",
            row.name,
            near.event
        );
        assert!(
            outcome.faults.is_empty(),
            "near {}: {:?} {}",
            row.name,
            outcome.faults,
            near.event
        );
    }
    // Where nothing is let in, nothing is compared.
    assert!(admitted > count / 20, "{admitted} of {count}");
    (count, admitted)
}
