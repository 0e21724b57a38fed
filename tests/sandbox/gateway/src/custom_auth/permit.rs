//! What an authorizer allows a connection: one principal, and policies that change with each refresh.

use std::sync::{Arc, PoisonError, RwLock};

use iot_policy::Policy;

/// The policies of an authorizer's answer that are in force.
#[derive(Debug)]
pub struct Permit {
    /// `[a-zA-Z0-9]{1,128}`.
    pub principal_id: String,
    policies: RwLock<Vec<Arc<Policy>>>,
}

impl Permit {
    /// A permit of a first answer.
    #[must_use]
    pub fn new(principal_id: String, policies: Vec<Arc<Policy>>) -> Self {
        Self {
            principal_id,
            policies: RwLock::new(policies),
        }
    }

    /// What is in force.
    #[must_use]
    pub fn policies(&self) -> Vec<Arc<Policy>> {
        self.policies
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts the policies of a refresh in force.
    pub fn replace(&self, policies: Vec<Arc<Policy>>) {
        *self
            .policies
            .write()
            .unwrap_or_else(PoisonError::into_inner) = policies;
    }
}
