//! The concentrator against what it should count.
