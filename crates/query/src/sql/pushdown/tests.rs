//! Conditions as filters.
