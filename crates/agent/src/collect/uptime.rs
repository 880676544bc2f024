//! `system.uptime` in seconds.

use super::{Collect, Proc, numbers};
use crate::check::{Failure, Run};

pub(super) struct Uptime;

impl Collect for Uptime {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        let text = proc.read("uptime")?;
        let seconds = numbers(&text).first().copied();
        run.gauge("system.uptime", seconds.ok_or_else(|| Failure::new("/proc/uptime holds no number"))?, &[]);
        Ok(())
    }
}
