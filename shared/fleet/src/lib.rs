#![doc = include_str!("../README.md")]

pub mod chain;
pub mod failure;
pub mod history;
pub mod import;
pub mod manifest;
pub mod pace;
mod present;
pub mod text;
pub mod verify;
