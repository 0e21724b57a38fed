//! What happens with an event.

use sci_domain::{
    admission::{
        AdmissionStore, Certificates, Operators, Word,
        upkeep::{Commanded, Confirmation, command, confirm, sweep},
    },
    ports::{PortFailure, RefusedMessages},
    timestamp::Timestamp,
};
use sci_lambda::Handle;

use crate::{
    answer::{Answer, Outcome},
    event::Event,
};

/// The function on its ports.
pub struct Handler<Store, Certs, People, Refused, Clock> {
    /// The allow-list.
    pub store: Store,
    /// The certificates in AWS IoT.
    pub certificates: Certs,
    /// The people who decide cases.
    pub operators: People,
    /// Where events are kept that are wrong.
    pub refused: Refused,
    /// The time.
    pub clock: Clock,
}

impl<Store, Certs, People, Refused, Clock> Handle for Handler<Store, Certs, People, Refused, Clock>
where
    Store: AdmissionStore + Sync,
    Certs: Certificates + Sync,
    People: Operators + Sync,
    Refused: RefusedMessages + Sync,
    Clock: Fn() -> Timestamp + Sync,
{
    type Answer = Answer;

    async fn handle(&self, event: &str) -> Result<Answer, PortFailure> {
        let event = match Event::read(event) {
            Ok(event) => event,
            Err(refusal) => {
                self.refused.keep(&refusal, event).await?;
                return Ok(Answer::refused(refusal.reason));
            }
        };
        match event {
            Event::Commit {
                thing,
                certificate,
                at,
            } => {
                let answer = match confirm(&self.store, &thing, certificate, at).await? {
                    Confirmation::Confirmed => Answer::new(Outcome::Confirmed),
                    Confirmation::Already => Answer::new(Outcome::Already),
                    // Nothing is kept of it: the message says nothing but who sent it, and a device may send it at will.
                    Confirmation::Refused => Answer::ignored("no-lease"),
                };
                Ok(answer.to(&thing))
            }
            Event::Sweep => {
                let now = (self.clock)();
                let swept = sweep(&self.store, &self.certificates, &self.operators, now).await?;
                Ok(Answer::swept(swept))
            }
            Event::Command {
                serial,
                command: what,
                by,
            } => {
                let by = Word {
                    at: (self.clock)(),
                    by,
                };
                Ok(match command(&self.store, &serial, what, &by).await? {
                    Commanded::Done => Answer::new(Outcome::Commanded),
                    Commanded::Unknown => Answer::ignored("unknown-serial"),
                    Commanded::Refused(why) => Answer::ignored(why.code()),
                })
            }
        }
    }
}
