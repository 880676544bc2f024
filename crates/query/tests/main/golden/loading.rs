//! Lines of a case file to data and requests.

use crate::memory::{Memory, Piece, Stored, definition, stale};
use oriel_model::{HostTags, Kind, Mapping, Sketch, TimeRange};
use oriel_query::{Display, Named, Request, Variable};
use std::collections::BTreeMap;

/// What the lines so far have said.
pub(crate) struct Setting {
    pub(crate) memory: Memory,
    range_ms: (i64, i64),
    now_ms: i64,
    display: Display,
    step_ms: Option<i64>,
    variables: BTreeMap<String, Variable>,
    queries: Vec<Named>,
    formulas: Vec<Named>,
    /// The query's line, for messages.
    pub(crate) last: String,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            memory: Memory::default(),
            range_ms: (0, 60_000),
            now_ms: 10_000_000_000_000,
            display: Display::Lines,
            step_ms: None,
            variables: BTreeMap::new(),
            queries: Vec::new(),
            formulas: Vec::new(),
            last: String::new(),
        }
    }
}

fn ms(seconds: &str) -> i64 {
    (seconds.trim().parse::<f64>().unwrap_or_else(|_| panic!("{seconds:?} is no number of seconds")) * 1000.0)
        as i64
}

impl Setting {
    /// Forgets the queries after their answer.
    pub(crate) fn answered(&mut self) {
        self.queries.clear();
        self.formulas.clear();
    }

    pub(crate) fn request(&self) -> Request {
        Request {
            queries: self.queries.clone(),
            formulas: self.formulas.clone(),
            display: self.display,
            step_ms: self.step_ms,
            variables: self.variables.clone(),
            ..Request::new(TimeRange::new(self.range_ms.0, self.range_ms.1), self.now_ms)
        }
    }

    pub(crate) fn read(&mut self, at: &str, line: &str) {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" => {}
            _ if word.starts_with('#') => {}
            "clear" => *self = Self::default(),
            "load" => self.load(at, rest),
            "range" => {
                let (start, end) = rest.split_once(' ').unwrap_or_else(|| panic!("{at}: range START END"));
                self.range_ms = (ms(start), ms(end));
            }
            "now" => self.now_ms = ms(rest),
            "display" => self.display = if rest == "bars" { Display::Bars } else { Display::Lines },
            "step" => self.step_ms = (rest != "auto").then(|| ms(rest)),
            "var" => self.variable(at, rest),
            "budget" => self.memory.budget = rest.parse().unwrap_or_else(|_| panic!("{at}: budget BYTES")),
            "query" => {
                self.queries.push(Named::new(rest, rest));
                self.last = line.to_owned();
            }
            "with" => {
                let (name, text) =
                    rest.split_once(" = ").unwrap_or_else(|| panic!("{at}: with NAME = QUERY"));
                self.queries.push(Named::new(name, text));
            }
            "formula" => {
                self.formulas.push(Named::new(rest, rest));
                self.last = line.to_owned();
            }
            other => panic!("{at}: a case file has no line {other:?}"),
        }
    }

    /// `var env env prod web`: `$env` stands for `env:prod` or `env:web`.
    fn variable(&mut self, at: &str, rest: &str) {
        let mut words = rest.split_whitespace().map(str::to_owned);
        let (Some(name), Some(key)) = (words.next(), words.next()) else {
            panic!("{at}: var NAME KEY VALUES")
        };
        self.variables.insert(name, Variable { key, values: words.collect() });
    }

    /// `KIND NAME{TAGS} every S [from S] [interval S] [reset]: VALUES`.
    fn load(&mut self, at: &str, rest: &str) {
        let (head, body) = rest.split_once(": ").unwrap_or_else(|| panic!("{at}: load KIND NAME …: VALUES"));
        let (kind, head) = head.split_once(' ').unwrap_or((head, ""));
        let end = head.find('}').map_or_else(|| head.find(' ').unwrap_or(head.len()), |i| i + 1);
        let (name, options) = head.split_at(end);
        let words: Vec<&str> = options.split_whitespace().collect();
        let option =
            |name: &str| words.iter().position(|w| *w == name).and_then(|i| words.get(i + 1)).map(|v| ms(v));
        if kind == "host_tags" {
            self.memory.host_tags.push(HostTags {
                host: name.to_owned(),
                source: "users".to_owned(),
                tags: body.split_whitespace().map(str::to_owned).collect(),
                from_ms: option("from").unwrap_or(i64::MIN),
                to_ms: option("to").unwrap_or(i64::MAX),
            });
            return;
        }
        let every = option("every").unwrap_or(10_000);
        let from = option("from").unwrap_or(0);
        if kind == "distribution" {
            let otlp = words.contains(&"otlp");
            self.distribution(name, (from, every), body, otlp);
            return;
        }
        let points = numbers(at, body)
            .into_iter()
            .enumerate()
            .filter_map(|(i, v)| v.map(|v| (from + i as i64 * every, v)))
            .collect();
        let kind = [Kind::Gauge, Kind::Count, Kind::Rate, Kind::Cumulative]
            .into_iter()
            .find(|k| k.as_str() == kind)
            .unwrap_or_else(|| panic!("{at}: no kind {kind:?}"));
        let interval_s = (option("interval").unwrap_or(every) / 1000) as u32;
        let piece = Piece { kind, interval_s, reset: words.contains(&"reset"), points };
        let def = definition(name);
        match self.memory.series.iter_mut().find(|s| s.def == def) {
            Some(stored) => stored.pieces.push(piece),
            None => self.memory.series.push(Stored { def, pieces: vec![piece], sketches: Vec::new() }),
        }
    }

    /// Points of a distribution: values joined by commas make one sketch.
    fn distribution(&mut self, name: &str, (from, every): (i64, i64), body: &str, otlp: bool) {
        let mapping = if otlp { Mapping { gamma: 1.09, offset: 500.0 } } else { Mapping::AGENT };
        let sketches = body
            .split_whitespace()
            .enumerate()
            .filter(|(_, word)| *word != "_")
            .map(|(i, word)| {
                let mut sketch = Sketch::new(mapping);
                word.split(',').filter_map(|v| v.parse().ok()).for_each(|v: f64| sketch.insert(v, 1));
                (from + i as i64 * every, sketch)
            })
            .collect();
        self.memory.series.push(Stored { def: definition(name), pieces: Vec::new(), sketches });
    }
}

fn bad(at: &str, word: &str) -> ! {
    panic!("{at}: {word:?} is no value")
}

/// `1 2 _ stale 3x5 1..4`: values, gaps, markers, repetition, and a run of whole numbers.
fn numbers(at: &str, body: &str) -> Vec<Option<f64>> {
    let mut out = Vec::new();
    for word in body.split_whitespace() {
        if let Some((first, last)) = word.split_once("..") {
            let (first, last): (i64, i64) = (
                first.parse().unwrap_or_else(|_| bad(at, word)),
                last.parse().unwrap_or_else(|_| bad(at, word)),
            );
            out.extend((first..=last).map(|v| Some(v as f64)));
            continue;
        }
        let (value, times) = match word.split_once('x') {
            Some((value, times)) => (value, times.parse::<usize>().unwrap_or_else(|_| bad(at, word))),
            None => (word, 1),
        };
        let value = match value {
            "_" => None,
            "stale" => Some(stale()),
            number => Some(number.parse().unwrap_or_else(|_| bad(at, word))),
        };
        out.extend(std::iter::repeat_n(value, times));
    }
    out
}
