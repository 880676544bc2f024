//! Python checks, unmodified, on the real `datadog-checks-base`, in processes of their own.
//!
//! One process serves all checks, a thread a run. A check that gives no answer for three intervals, or that ends the
//! process, gets a process for itself; the shared one is replaced while its other runs end in peace. Every process is a
//! group that dies with the agent.

mod check;
mod output;
mod process;
mod protocol;
mod room;
mod venv;

pub(crate) use check::{PythonCheck, PythonJob};
pub(crate) use room::{PythonOptions, PythonRoom};
pub use venv::PACKAGES;
