//! The HTTP front: authentication, API handlers, pages.
