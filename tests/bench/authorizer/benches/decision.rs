//! `cargo bench -p bench-authorizer`: see the README of the folder above.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a command line program that has nobody to tell but its user"
)]

use std::{
    env, fs,
    hint::black_box,
    path::{Path, PathBuf},
};

use aws_lc_rs::signature::ParsedPublicKey;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use bench::{authorizer, issuer::Issuer, machine, table::Table};
use bench_authorizer::{Alone, handler};
use criterion::Criterion;
use jwt_authorizer::run::answer;
use sci_domain::{
    access::{ArnPrefix, Grant, PolicyDocument, PrincipalId, RefreshInterval, Session},
    timestamp::Timestamp,
};
use sci_jwt::{Algorithm, Claims, Expectation, KeySet, UnverifiedToken, VerifyingKey};
use sci_lambda::system_clock;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// What is measured, from the least work to the most. The first is what the others are compared with.
const PARTS: [&str; 4] = ["signature", "token", "policies", "decision"];

/// One token and what its decision needs.
struct Subject {
    algorithm: Algorithm,
    token: String,
    event: String,
    keys: KeySet,
    expected: Expectation,
    arn: ArnPrefix,
    /// The same for aws-lc alone.
    signing_input: String,
    signature: Vec<u8>,
    public_key: ParsedPublicKey,
}

impl Subject {
    fn new(issuer: &Issuer, algorithm: Algorithm) -> Self {
        let now = system_clock::now().as_millis() / 1000;
        let token = issuer
            .token(algorithm, &authorizer::scope(), now)
            .expect("a token");
        let (signing_input, signature) = token.rsplit_once('.').expect("three segments");
        let signature = BASE64URL.decode(signature).expect("base64url");
        let jwks = issuer.jwks().to_string();
        let [trusted] = &handler(authorizer::ARN_PREFIX, &authorizer::issuers(issuer))
            .expect("a handler")
            .issuers[..]
        else {
            unreachable!("one issuer")
        };
        Self {
            algorithm,
            event: authorizer::event(&token),
            keys: KeySet::load(jwks.as_bytes()).expect("a key set").keys,
            expected: trusted.expectation.clone(),
            arn: ArnPrefix::parse(authorizer::ARN_PREFIX).expect("a prefix"),
            signing_input: signing_input.to_owned(),
            signature,
            public_key: issuer.public_key(algorithm).expect("a key"),
            token,
        }
    }

    /// The bare signature check of aws-lc.
    fn signature(&self) {
        let checked = self
            .public_key
            .verify_sig(self.signing_input.as_bytes(), &self.signature);
        checked.expect("a good signature");
    }

    /// Token to claims.
    fn token(&self, now: Timestamp) -> Claims {
        let token = UnverifiedToken::parse(self.token.as_bytes()).expect("a token");
        token.check(&self.expected, now).expect("a good token");
        let key: &VerifyingKey = self.keys.get(token.kid()).expect("its key");
        token
            .verify(key, &self.expected, now)
            .expect("a good token")
    }

    /// Token to everything that the answer says.
    fn policies(&self) -> (PrincipalId, Session, Vec<PolicyDocument>) {
        let now = system_clock::now();
        let claims = self.token(now);
        let (thing, scopes) = (claims.thing(), claims.scopes());
        let policies = Grant { thing, scopes }.policies(&self.arn);
        let session = Session::until(claims.expires_at(), now, RefreshInterval::default());
        (PrincipalId::of(thing), session, policies.expect("policies"))
    }

    /// Event to answer, both as JSON text.
    async fn decision(&self, handler: &Alone) -> String {
        let (answer, _counts) = answer(handler, &self.event).await;
        serde_json::to_string(&answer).expect("JSON")
    }
}

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("decision");
    // Samples of an earlier run would be taken for those of this one.
    drop(fs::remove_dir_all(&folder));
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .without_plots()
        .configure_from_args();
    let runtime = Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let issuer = Issuer::new().expect("an issuer");
    let alone = handler(authorizer::ARN_PREFIX, &authorizer::issuers(&issuer)).expect("a handler");
    for algorithm in Algorithm::ALL {
        measure(
            &mut criterion,
            &Subject::new(&issuer, algorithm),
            &alone,
            &runtime,
        );
    }
    criterion.final_summary();
    // Cargo's own word for a benchmark run; without it everything was only tried once.
    if env::args().any(|argument| argument == "--bench") {
        println!("{}\n{}", machine::description(), ratios(&folder));
    }
}

fn measure(criterion: &mut Criterion, subject: &Subject, handler: &Alone, runtime: &Runtime) {
    let answer = runtime.block_on(subject.decision(handler));
    assert!(
        answer.starts_with(r#"{"isAuthenticated":true,"#),
        "{answer}"
    );

    let mut group = criterion.benchmark_group(subject.algorithm.as_str());
    let [signature, token, policies, decision] = PARTS;
    group.bench_function(signature, |b| b.iter(|| black_box(subject).signature()));
    group.bench_function(token, |b| {
        b.iter(|| black_box(subject).token(system_clock::now()))
    });
    group.bench_function(policies, |b| b.iter(|| black_box(subject).policies()));
    // Inside the runtime, as in a function that waits for events; entering it is not part of a decision.
    group.bench_function(decision, |b| {
        b.iter_custom(|times| {
            runtime.block_on(async {
                let start = machine::instant();
                for _ in 0..times {
                    black_box(black_box(subject).decision(handler).await);
                }
                start.elapsed()
            })
        });
    });
    group.finish();
}

/// Each part's fastest sample, and how many times as much it is as the bare signature check.
fn ratios(folder: &Path) -> Table {
    let nanos = |algorithm: &str, part: &str| {
        let file = folder.join(algorithm).join(part).join("new/sample.json");
        fastest(&fs::read_to_string(file).ok()?)
    };
    let [bare, others @ ..] = PARTS;
    let mut header = vec!["".to_owned(), format!("{bare}, µs")];
    header.extend(
        others
            .iter()
            .flat_map(|part| [format!("{part}, µs"), "ratio".to_owned()]),
    );
    let mut table = Table::new(header);
    for algorithm in Algorithm::ALL.map(Algorithm::as_str) {
        // Not every algorithm is measured if the command line chooses.
        let Some(bare) = nanos(algorithm, bare) else {
            continue;
        };
        let mut row = vec![algorithm.to_owned(), format!("{:.1}", bare / 1e3)];
        for part in others {
            let nanos = nanos(algorithm, part).unwrap_or(f64::NAN);
            row.extend([
                format!("{:.1}", nanos / 1e3),
                format!("{:.2}", nanos / bare),
            ]);
        }
        table.row(row);
    }
    table
}

/// Nanoseconds per iteration of the fastest of criterion's samples: the one that other work on the machine disturbed least.
fn fastest(samples: &str) -> Option<f64> {
    let samples: Value = serde_json::from_str(samples).ok()?;
    let numbers = |name: &str| {
        let numbers = samples.get(name)?.as_array()?.iter();
        numbers.map(Value::as_f64).collect::<Option<Vec<_>>>()
    };
    let (times, iterations) = (numbers("times")?, numbers("iters")?);
    let each = times
        .iter()
        .zip(&iterations)
        .map(|(time, iterations)| time / iterations);
    each.min_by(f64::total_cmp)
}
