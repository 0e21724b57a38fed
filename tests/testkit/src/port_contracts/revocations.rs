//! The contract of [`Revocations`].

use sci_domain::{
    access::{Credential, Revocations, Revoked},
    thing::ThingName,
    timestamp::{Millis, Timestamp},
};

use super::samples::at;
use crate::Revocation;

/// Checks a list against the contract of [`Revocations`]. `revoke` puts an entry on it; `day` is a whole second.
///
/// # Panics
/// When the list breaks the contract.
pub async fn revocations<R: Revocations>(
    list: &R,
    revoke: impl AsyncFn(Revocation),
    day: Timestamp,
) {
    each_subject_revokes_what_it_names(list, &revoke, day).await;
    the_widest_entry_is_told(list, &revoke, day).await;
    entries_count_for_their_time(list, &revoke, day).await;
}

fn thing(name: &str) -> ThingName {
    ThingName::parse(format!("sci-contracts-revocations-{name}")).unwrap()
}

/// A token of `issuer` with key `k` and id `j`, issued when the day begins.
fn token<'a>(issuer: &'a str, thing: &'a ThingName, day: Timestamp) -> Credential<'a> {
    Credential {
        issuer,
        kid: "k",
        jti: Some("j"),
        thing,
        issued_at: day,
    }
}

async fn each_subject_revokes_what_it_names<R: Revocations>(
    list: &R,
    revoke: &impl AsyncFn(Revocation),
    day: Timestamp,
) {
    for (case, revoked) in [
        ("issuer", Revoked::Issuer),
        ("kid", Revoked::Key),
        ("thing", Revoked::Thing),
        ("jti", Revoked::Token),
    ] {
        let issuer = format!("https://{case}.contracts.example");
        let (ours, other) = (thing(case), thing(&format!("{case}-other")));
        let token = token(&issuer, &ours, day);
        let found = async |credential| list.find(credential, day).await.unwrap();
        assert_eq!(found(token).await, None, "{case}");
        let subject = match revoked {
            Revoked::Issuer => format!("issuer#{issuer}"),
            Revoked::Key => format!("kid#{issuer}#k"),
            Revoked::Thing => format!("thing#{ours}"),
            Revoked::Token => format!("jti#{issuer}#j"),
        };
        revoke(Revocation::of(subject)).await;
        // From the moment it was written.
        assert_eq!(found(token).await, Some(revoked), "{case}");
        let still = |spared: bool| (!spared).then_some(revoked);
        let others = [
            (
                "another issuer",
                Credential {
                    issuer: "https://other.contracts.example",
                    ..token
                },
                revoked != Revoked::Thing,
            ),
            (
                "another key",
                Credential {
                    kid: "other",
                    ..token
                },
                revoked == Revoked::Key,
            ),
            (
                "another thing",
                Credential {
                    thing: &other,
                    ..token
                },
                revoked == Revoked::Thing,
            ),
            (
                "another token",
                Credential {
                    jti: Some("other"),
                    ..token
                },
                revoked == Revoked::Token,
            ),
            (
                "a token without id",
                Credential { jti: None, ..token },
                revoked == Revoked::Token,
            ),
        ];
        for (what, credential, spared) in others {
            assert_eq!(found(credential).await, still(spared), "{case}: {what}");
        }
    }
}

async fn the_widest_entry_is_told<R: Revocations>(
    list: &R,
    revoke: &impl AsyncFn(Revocation),
    day: Timestamp,
) {
    let issuer = "https://several.contracts.example";
    let thing = thing("several");
    for (subject, told) in [
        (format!("jti#{issuer}#j"), Revoked::Token),
        (format!("thing#{thing}"), Revoked::Thing),
        (format!("kid#{issuer}#k"), Revoked::Key),
        (format!("issuer#{issuer}"), Revoked::Issuer),
    ] {
        revoke(Revocation::of(subject)).await;
        let found = list.find(token(issuer, &thing, day), day).await;
        assert_eq!(found.unwrap(), Some(told));
    }
}

async fn entries_count_for_their_time<R: Revocations>(
    list: &R,
    revoke: &impl AsyncFn(Revocation),
    day: Timestamp,
) {
    let issuer = "https://times.contracts.example";
    let thing = thing("times");
    let subject = format!("thing#{thing}");
    let revoked = async |issued_at, now| {
        let credential = Credential {
            issued_at,
            ..token(issuer, &thing, day)
        };
        list.find(credential, now).await.unwrap().is_some()
    };
    let moment = Millis::new(1);

    revoke(Revocation {
        expires_at: Some(at(day, 60)),
        ..Revocation::of(&subject)
    })
    .await;
    assert!(revoked(day, at(day, 60).minus(moment)).await);
    assert!(!revoked(day, at(day, 60)).await, "expired");

    // Written again: the device got a new token meanwhile.
    revoke(Revocation {
        issued_before: Some(at(day, 30)),
        ..Revocation::of(&subject)
    })
    .await;
    assert!(revoked(at(day, 30).minus(moment), at(day, 90)).await);
    assert!(!revoked(at(day, 30), at(day, 90)).await, "issued after");

    revoke(Revocation {
        expires_at: Some(at(day, 60)),
        issued_before: Some(at(day, 30)),
        ..Revocation::of(&subject)
    })
    .await;
    assert!(revoked(day, at(day, 59)).await);
    assert!(!revoked(day, at(day, 60)).await, "expired");
    assert!(!revoked(at(day, 30), at(day, 59)).await, "issued after");
}
