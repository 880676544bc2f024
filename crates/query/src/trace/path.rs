//! The critical path: at each moment the span that the end of the trace was waiting for.
//!
//! Walked from the end of the root backwards: whichever child ended last before the moment at hand was being waited for from
//! its start to its end, what lies between children is the span's own.

use super::Trace;

/// A stretch of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The place of the span in the trace.
    pub span: usize,
    /// Since the trace's start.
    pub from_ns: i64,
    pub to_ns: i64,
}

/// The path from the longest root, in the order of time.
pub fn critical_path(trace: &Trace) -> Vec<Segment> {
    let children = children_by_end(trace);
    let roots = (0..trace.id.len()).filter(|&i| trace.parent[i] < 0);
    let Some(root) = roots.max_by_key(|&i| (trace.duration_ns[i], std::cmp::Reverse(i))) else {
        return Vec::new();
    };
    let mut path = Vec::new();
    // (span, the moment down to which its caller still waits, the moment at hand, the next child to look at)
    let mut open = vec![(root, trace.offset_ns[root], end(trace, root), 0_usize)];
    while let Some((span, floor, at, next)) = open.pop() {
        let child =
            children[span][next..].iter().position(|&c| end(trace, c) <= at && trace.offset_ns[c] < at);
        let Some(skip) = child.filter(|_| at > floor) else {
            push(&mut path, span, floor, at);
            continue;
        };
        let child = children[span][next + skip];
        let from = trace.offset_ns[child].max(floor);
        push(&mut path, span, end(trace, child).max(floor), at);
        open.push((span, floor, from, next + skip + 1));
        open.push((child, from, end(trace, child).max(from), 0));
    }
    path.reverse();
    path
}

fn end(trace: &Trace, span: usize) -> i64 {
    trace.offset_ns[span].saturating_add(trace.duration_ns[span])
}

fn push(path: &mut Vec<Segment>, span: usize, from_ns: i64, to_ns: i64) {
    if to_ns > from_ns {
        path.push(Segment { span, from_ns, to_ns });
    }
}

/// Children of each span, the one that ended last first.
fn children_by_end(trace: &Trace) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); trace.id.len()];
    for (i, &parent) in trace.parent.iter().enumerate() {
        if let Ok(parent) = usize::try_from(parent) {
            children[parent].push(i);
        }
    }
    for list in &mut children {
        list.sort_by_key(|&c| std::cmp::Reverse((end(trace, c), c)));
    }
    children
}
