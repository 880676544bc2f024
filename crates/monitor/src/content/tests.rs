//! What notices say.
