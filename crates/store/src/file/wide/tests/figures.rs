//! Figures of the bench rows, by hand: `ORIEL_BENCH_LOGS=... cargo test --release -p oriel-store wide_figures -- --ignored --nocapture`.
