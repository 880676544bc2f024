//! `system.load.*` and the same by core, from `/proc/loadavg`.

use super::{Collect, Proc, numbers};
use crate::check::{Failure, Run};

pub(super) struct Load;

impl Collect for Load {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        let text = proc.read("loadavg")?;
        let cores =
            proc.read("stat")?.lines().filter(|l| l.starts_with("cpu") && !l.starts_with("cpu ")).count();
        let load = numbers(&text);
        for (minutes, value) in ["1", "5", "15"].iter().zip(&load) {
            run.gauge(&format!("system.load.{minutes}"), *value, &[]);
            run.gauge(&format!("system.load.norm.{minutes}"), value / cores.max(1) as f64, &[]);
        }
        let threads = text.split_whitespace().nth(3).and_then(|f| f.split_once('/')?.1.parse().ok());
        if let Some(threads) = threads {
            run.gauge("system.proc.threads", threads, &[]);
        }
        Ok(())
    }
}
