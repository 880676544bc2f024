//! Sampling rates that tracers are told, by service and environment, so that together they send a wished number of traces a
//! second. Without a wish everything is kept.

use super::BUCKET_MS;
use hashbrown::HashMap;
use oriel_model::TimeMs;

/// Rates are made anew from what came in this time.
pub const RATE_WINDOW_MS: i64 = BUCKET_MS;
/// Services that have their own rate; others get the default.
const SERVICES_MAX: usize = 4_096;
/// No rate goes below this: a service that is never seen again could not be given a better one.
const RATE_MIN: f64 = 0.001;

/// See the module's head.
pub struct PrioritySampler {
    target_tps: Option<f64>,
    window: TimeMs,
    /// Traces that began in this window, whatever was decided of them, by service and environment.
    seen: HashMap<(Box<str>, Box<str>), f64>,
    rates: Vec<(String, String, f64)>,
}

impl PrioritySampler {
    /// `target_tps` of all services together.
    pub fn new(target_tps: Option<f64>) -> Self {
        let target_tps = target_tps.filter(|t| t.is_finite() && *t >= 0.0);
        Self { target_tps, window: 0, seen: HashMap::new(), rates: Vec::new() }
    }

    /// A trace of which the tracer has decided by priority.
    pub fn observe(&mut self, service: &str, env: &str, traces: f64, now_ms: TimeMs) {
        let Some(target) = self.target_tps else { return };
        self.turn(target, now_ms);
        let key = (Box::from(service), Box::from(env));
        if self.seen.len() < SERVICES_MAX || self.seen.contains_key(&key) {
            *self.seen.entry(key).or_default() += traces;
        }
    }

    /// Rates below 1 by service and environment.
    pub fn rates(&self) -> &[(String, String, f64)] {
        &self.rates
    }

    /// Shares the wish among the services: those that send less than an equal part leave theirs to the others.
    fn turn(&mut self, target: f64, now_ms: TimeMs) {
        if (now_ms - self.window).abs() < RATE_WINDOW_MS {
            return;
        }
        self.window = now_ms;
        let window_s = RATE_WINDOW_MS as f64 / 1000.0;
        let mut seen: Vec<_> = self.seen.drain().map(|(key, n)| (key, n / window_s)).collect();
        seen.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        let (mut left, mut services) = (target, seen.len() as f64);
        self.rates.clear();
        for ((service, env), tps) in seen {
            let part = left / services;
            let rate = if tps <= part { 1.0 } else { (part / tps).max(RATE_MIN) };
            left = (left - tps.min(part)).max(0.0);
            services -= 1.0;
            if rate < 1.0 {
                self.rates.push((service.into(), env.into(), rate));
            }
        }
    }
}
