//! The agent as a whole, against real things: Python with the real base library, a real PostgreSQL, a server that fails.

mod forwarding;
mod harness;
mod postgres;
mod python;
mod system;
