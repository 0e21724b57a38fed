//! What the day left behind, and whether all of it adds up.

use std::{collections::BTreeSet, io::Write};

use super::{
    day::Role,
    ledger,
    story::{DemoFailed, Story, TEMPERATURE_FUNCTION, attribute},
};
use crate::RuleOutcome;

impl<W: Write> Story<'_, W> {
    /// Shows what the day left behind, and checks every claim.
    pub(super) async fn epilogue(&mut self) -> Result<(), DemoFailed> {
        self.sandbox.quiesce().await;
        self.show_alarms().await?;
        self.show_rows().await?;
        self.check_accounts().await?;
        self.check_denials()
    }

    async fn show_alarms(&mut self) -> Result<(), DemoFailed> {
        writeln!(self.out, "\nAlarms (DynamoDB):")?;
        let alarms = self.evidence.alarms().await?;
        for alarm in &alarms {
            let end = format!("{} by {}", alarm.state, alarm.closed_by);
            writeln!(
                self.out,
                "  {:<53} {end:<19} at {}",
                alarm.id, alarm.closed_at
            )?;
        }
        self.claim(
            "no alarm stayed open",
            alarms.iter().all(|alarm| alarm.state == "cleared"),
        )?;
        let silent = |alarm: &&super::evidence::AlarmRow| alarm.closed_by == "silence";
        let attic = format!("{}#temperature", Role::Attic.thing());
        self.claim(
            "the attic's alarm was closed by silence",
            alarms.iter().filter(silent).any(|a| a.id == attic),
        )
    }

    async fn show_rows(&mut self) -> Result<(), DemoFailed> {
        writeln!(
            self.out,
            "\nHot readings (DynamoDB HighTemps) and telemetry (Timestream):"
        )?;
        for (device, rows) in self.evidence.rows().await? {
            writeln!(self.out, "  {device:<40} {rows:>3} rows")?;
        }
        let database = self.sandbox.output("TelemetryDatabaseName").to_owned();
        let sql = format!(
            "SELECT property_id, COUNT(temperature) AS readings, AVG(temperature) AS avg_temp, MAX(temperature) AS peak \
             FROM \"{database}\".\"EnvironmentalData\" GROUP BY property_id ORDER BY property_id"
        );
        for row in self.evidence.query(&sql).await? {
            let number = |place: usize| {
                row.get(place)
                    .and_then(|n| n.parse::<f64>().ok())
                    .unwrap_or(f64::NAN)
            };
            let property = row.first().map_or("", String::as_str);
            writeln!(
                self.out,
                "  {property:<40} {:>3} readings, {:.1} °C on average, {:.1} °C at most",
                number(1),
                number(2),
                number(3)
            )?;
        }
        Ok(())
    }

    fn check_denials(&mut self) -> Result<(), DemoFailed> {
        let denials = self.logs.denials();
        let told: Vec<_> = denials
            .iter()
            .map(|(reason, count)| format!("{count} × {reason}"))
            .collect();
        writeln!(
            self.out,
            "\nWho was turned away, as only the functions' logs say: {}",
            told.join(", ")
        )?;
        self.claim("no function logged a token", !self.logs.hold_a_token())
    }

    async fn check_accounts(&mut self) -> Result<(), DemoFailed> {
        let history = self.sandbox.lambda.history();
        let accounts = ledger::accounts(&history);
        writeln!(self.out, "\nThe account of every message:")?;
        let mut matched = 0;
        let mut rule_trouble = 0;
        for run in self.sandbox.rule_runs() {
            match run.outcome {
                RuleOutcome::Matched {
                    invocations,
                    failures,
                } => {
                    matched += invocations.len();
                    rule_trouble += failures.len();
                }
                RuleOutcome::EvaluationFailed(_) => rule_trouble += 1,
                RuleOutcome::NoMatch => {}
            }
        }
        writeln!(
            self.out,
            "  devices published {} messages, which rules turned into {matched} invocations",
            self.published
        )?;
        let (mut received, mut stored, mut refused, mut dead) = (0, 0, 0, 0);
        for (function, account) in &accounts {
            let fates: Vec<_> = account
                .fates
                .iter()
                .map(|(fate, count)| match fate {
                    ledger::Fate::Answered(outcome) => format!("{count} {outcome}"),
                    ledger::Fate::DeadLettered => format!("{count} dead-lettered"),
                })
                .collect();
            writeln!(
                self.out,
                "  {function}: {} received = {}",
                account.received(),
                fates.join(" + ")
            )?;
            for (reason, count) in &account.reasons {
                writeln!(self.out, "      refused {count:>2} × {reason}")?;
            }
            received += account.received();
            refused += account.count("refused");
            dead += account.dead_lettered();
            if function == self.sandbox.output(TEMPERATURE_FUNCTION) {
                stored += account.count("stored");
            }
        }
        let rows: usize = self.evidence.rows().await?.values().sum();
        let published = self.sandbox.services.published();
        let delivered: BTreeSet<_> = published
            .iter()
            .map(|message| attribute(message, "notification_id"))
            .collect();
        let decided = ledger::decided_notifications(&history);
        let firsts: Vec<_> = published
            .iter()
            .filter(|message| attribute(message, "attempt") == "1")
            .map(|message| attribute(message, "notification_id"))
            .collect();
        let silently_doubled = firsts.len() - firsts.iter().collect::<BTreeSet<_>>().len();
        let waiting = self.evidence.items("OutboxTableName").await?.len();
        let refused_kept = self.evidence.depth("RefusedMessagesQueueUrl").await?;
        let failures_kept = self.evidence.depth("FunctionFailuresQueueUrl").await?;
        let rule_errors = self.evidence.depth("RuleErrorsQueueUrl").await?;
        self.claim(
            &format!("every invocation has exactly one fate ({received})"),
            received == matched,
        )?;
        self.claim(
            &format!("every stored reading is a row ({rows})"),
            rows == stored,
        )?;
        self.claim(
            &format!("every refused message is kept with its reason ({refused_kept})"),
            refused == refused_kept,
        )?;
        self.claim(
            &format!("every dead-lettered message is kept with its content ({failures_kept})"),
            dead == failures_kept,
        )?;
        self.claim(
            &format!(
                "every notification that was decided was delivered ({})",
                delivered.len()
            ),
            decided.is_subset(&delivered),
        )?;
        self.claim(
            "no notification was sent twice without saying so",
            silently_doubled == 0,
        )?;
        self.claim("nothing waits in the outbox", waiting == 0)?;
        self.claim("no rule failed", rule_trouble == 0 && rule_errors == 0)?;
        self.claim(
            "nothing asked for what the sandbox does not have",
            self.sandbox.services.unsupported().is_empty(),
        )
    }
}
