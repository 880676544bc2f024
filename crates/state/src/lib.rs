//! What people configure: dashboards, users, keys, sessions, metadata.
