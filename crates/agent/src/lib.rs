//! The collector on a host: system checks, integrations, Python checks, forwarder.
