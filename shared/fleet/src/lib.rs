#![doc = include_str!("../README.md")]

pub mod failure;
pub mod import;
pub mod manifest;
pub mod pace;
