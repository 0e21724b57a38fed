//! Order statistics. No means: on a shared machine a few slow samples would carry them.

use std::time::Duration;

/// Durations in order.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Adds one.
    pub fn push(&mut self, sample: Duration) {
        let place = self.0.partition_point(|known| *known <= sample);
        self.0.insert(place, sample);
    }

    /// The smallest sample that is not below `percent` of them (nearest rank); zero if there are none.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let rank = self.0.len().saturating_mul(percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    /// The smallest sample, which the machine's other work disturbed least; zero if there are none.
    #[must_use]
    pub fn min(&self) -> Duration {
        self.percentile(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_by_nearest_rank() {
        let mut samples = Samples::default();
        assert_eq!(samples.percentile(50), Duration::ZERO);
        for millis in (1..=200).rev() {
            samples.push(Duration::from_millis(millis));
        }
        let millis = |percent| samples.percentile(percent).as_millis();
        assert_eq!(
            (millis(0), millis(50), millis(99), millis(100)),
            (1, 100, 198, 200)
        );
        assert_eq!(samples.min(), Duration::from_millis(1));
    }
}
