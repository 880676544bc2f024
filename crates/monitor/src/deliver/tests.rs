//! From a new notice to what receivers get, over restarts.
