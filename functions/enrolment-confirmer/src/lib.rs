//! Lambda function `enrolment-confirmer`: makes devices that came back with their certificate enrolled, ends what did not,
//! and carries out what operators decide.

pub mod answer;
pub mod config;
pub mod event;
pub mod handler;
