//! Kept buckets give what a whole read gives.
