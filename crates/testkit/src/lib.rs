//! A fake clock, faulty disks and a harness that starts the real binary; for tests only.
