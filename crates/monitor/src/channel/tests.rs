//! Bodies of every channel.
