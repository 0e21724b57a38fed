//! One fake of each port, with common faults.

use sci_domain::{alarm::service::AlarmService, timestamp::Timestamp};
use sci_lambda::ports::AlarmPorts;

use crate::{
    Faults, ManualClock, MemoryAlarmStore, MemoryPublisher, MemoryRefusedMessages,
    MemoryTelemetryStore,
};

/// The ports of a function on fakes.
pub type Ports =
    AlarmPorts<MemoryAlarmStore, MemoryPublisher, MemoryTelemetryStore, MemoryRefusedMessages>;

/// A world of fakes.
#[derive(Debug, Clone)]
pub struct Fakes {
    /// Faults of all of them, and their calls.
    pub faults: Faults,
    /// Alarms, readings and the outbox.
    pub store: MemoryAlarmStore,
    /// What people were told.
    pub publisher: MemoryPublisher,
    /// The time series.
    pub telemetry: MemoryTelemetryStore,
    /// What was refused.
    pub refused: MemoryRefusedMessages,
    /// The wall clock.
    pub clock: ManualClock,
}

impl Default for Fakes {
    /// An empty world on 2026-11-20 at 14:23:00.
    fn default() -> Self {
        let faults = Faults::default();
        Self {
            store: MemoryAlarmStore::new(faults.clone()),
            publisher: MemoryPublisher::new(faults.clone()),
            telemetry: MemoryTelemetryStore::new(faults.clone()),
            refused: MemoryRefusedMessages::new(faults.clone()),
            clock: ManualClock::at(Timestamp::parse_rfc3339("2026-11-20T14:23:00Z").unwrap()),
            faults,
        }
    }
}

impl Fakes {
    /// The ports, for a handler.
    #[must_use]
    pub fn ports(&self) -> Ports {
        AlarmPorts {
            alarms: AlarmService {
                store: self.store.clone(),
                publisher: self.publisher.clone(),
            },
            telemetry: self.telemetry.clone(),
            refused: self.refused.clone(),
        }
    }
}
