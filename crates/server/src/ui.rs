//! The pages' own calls: login, charts, lists and settings. They answer with what a page draws, so that it computes nothing.

pub(crate) mod channels;
pub(crate) mod complete;
pub(crate) mod deliveries;
pub(crate) mod hosts;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod mail;
pub(crate) mod me;
pub(crate) mod message;
pub(crate) mod metrics;
pub(crate) mod monitors;
pub(crate) mod query;
pub(crate) mod rows;
pub(crate) mod services;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod slos;
pub(crate) mod synthetics;
pub(crate) mod traces;
