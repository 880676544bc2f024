//! Draws what charts must stand: `cargo run -p oriel-draw --example gallery DIR` writes a PNG of each, to be looked at.

use oriel_draw::{Beyond, Drawing, Level, Shape, Theme, Threshold, Unit, png};
use oriel_model::{Band, BandSide, Frame, FrameSeries, Kind, TimeRange};
use std::path::Path;

const START: i64 = 1_795_226_400_000;

type AnyError = Box<dyn std::error::Error>;

/// Reproducible noise between -1 and 1.
fn noise(seed: u64) -> f64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    x ^= x >> 31;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 29;
    (x >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn frame(count: usize, points: usize, value: impl Fn(usize, usize) -> f64) -> Frame {
    let series = |s: usize| FrameSeries {
        name: "trace.http.request".into(),
        expression: String::new(),
        scope: "*".into(),
        group: if count == 1 {
            Vec::new()
        } else {
            vec![("host".into(), format!("web-{s}")), ("env".into(), "prod".into())]
        },
        aggregator: "avg".into(),
        kind: Kind::Gauge,
        values: (0..points).map(|i| value(s, i)).collect(),
        band: None,
        outlier: None,
    };
    Frame {
        times: (0..points as i64).map(|i| START + i * 20_000).collect(),
        step_ms: 20_000,
        incomplete_from: None,
        series: (0..count).map(series).collect(),
        notes: Vec::new(),
    }
}

fn wave(s: usize, i: usize) -> f64 {
    600.0 + 20.0 * s as f64 + 90.0 * (i as f64 / 25.0 + s as f64).sin() + 40.0 * noise((s * 1000 + i) as u64)
}

fn unit(family: &str, name: &str, short: &str, scale: f64) -> Option<Unit> {
    Some(Unit {
        family: family.into(),
        name: name.into(),
        short_name: short.into(),
        scale_factor: scale,
        per: None,
    })
}

fn save(dir: &Path, name: &str, drawing: &Drawing<'_>) -> Result<(), AnyError> {
    for theme in [Theme::Light, Theme::Dark] {
        let started = std::time::Instant::now();
        let picture = png(&Drawing { theme, ..drawing.clone() })?;
        let file = format!("{name}-{}.png", format!("{theme:?}").to_lowercase());
        println!("{file} {} bytes, {:?}", picture.len(), started.elapsed());
        std::fs::write(dir.join(file), picture)?;
    }
    Ok(())
}

fn alert(dir: &Path) -> Result<(), AnyError> {
    let one = frame(1, 180, |s, i| wave(s, i) + if i > 130 { 220.0 } else { 0.0 });
    let end = START + 180 * 20_000;
    let drawing = Drawing {
        unit: unit("time", "millisecond", "ms", 0.001),
        thresholds: vec![
            Threshold { value: 800.0, level: Level::Critical, beyond: Beyond::Above },
            Threshold { value: 750.0, level: Level::Warning, beyond: Beyond::Above },
        ],
        window: Some(TimeRange::new(end - 600_000, end - 300_000)),
        moment_ms: Some(end - 300_000),
        time_zone: "Europe/Berlin",
        ..Drawing::of(&one, "Checkout is slow on {{host.name}} & <others> for more than anyone would wait")
    };
    save(dir, "alert", &drawing)?;
    let twenty = frame(20, 180, wave);
    save(
        dir,
        "twenty",
        &Drawing { unit: unit("bytes", "megabyte", "MB", 1e6), ..Drawing::of(&twenty, "Memory by host") },
    )?;
    let focused = Drawing { focus: Some(7), ..Drawing::of(&twenty, "Memory of web-7") };
    save(dir, "focus", &focused)?;
    let bars = frame(3, 60, |s, i| (wave(s, i) / 100.0).floor());
    save(
        dir,
        "bars",
        &Drawing {
            shape: Shape::Bars,
            unit: unit("", "error", "err", 1.0),
            ..Drawing::of(&bars, "Errors by host")
        },
    )
}

fn bands(dir: &Path) -> Result<(), AnyError> {
    let mut banded =
        frame(1, 180, |_, i| wave(0, i) + if (100..108).contains(&i) || i == 60 { 260.0 } else { 0.0 });
    let smooth = |i: usize| 600.0 + 90.0 * (i as f64 / 25.0).sin();
    banded.series[0].band = Some(Band {
        lower: (0..180).map(|i| if i < 10 { f64::NAN } else { smooth(i) - 70.0 }).collect(),
        upper: (0..180).map(|i| if i < 10 { f64::NAN } else { smooth(i) + 70.0 }).collect(),
        side: BandSide::Both,
    });
    save(dir, "band", &Drawing::of(&banded, "anomalies(avg:trace.http.request{*}, 'agile', 3)"))?;
    let mut forecast =
        frame(1, 180, |_, i| if i < 110 { i as f64 * 3.0 + 20.0 * noise(i as u64) } else { i as f64 * 3.0 });
    let edge = |i: usize, side: f64| {
        if i < 110 { f64::NAN } else { i as f64 * 3.0 + side * (20.0 + (i - 110) as f64 * 0.5) }
    };
    forecast.series[0].band = Some(Band {
        lower: (0..180).map(|i| edge(i, -1.0)).collect(),
        upper: (0..180).map(|i| edge(i, 1.0)).collect(),
        side: BandSide::Both,
    });
    let drawing = Drawing {
        forecast_from_ms: Some(START + 110 * 20_000),
        unit: unit("bytes", "gibibyte", "GiB", 1_073_741_824.0),
        thresholds: vec![Threshold { value: 500.0, level: Level::Critical, beyond: Beyond::Above }],
        ..Drawing::of(&forecast, "Disk fills up")
    };
    save(dir, "forecast", &drawing)
}

fn odd(dir: &Path) -> Result<(), AnyError> {
    let gaps = frame(2, 180, |s, i| if i % 40 > 25 || (s == 1 && i != 90) { f64::NAN } else { wave(s, i) });
    save(dir, "gaps", &Drawing::of(&gaps, "Gaps, and a lone point"))?;
    let huge = frame(1, 100, |_, i| 1e22 * (1.0 + noise(i as u64)));
    save(dir, "huge", &Drawing::of(&huge, "Huge"))?;
    let tiny = frame(1, 100, |_, i| 3e-9 * (1.0 + 0.1 * noise(i as u64)));
    save(dir, "tiny", &Drawing::of(&tiny, "Tiny"))?;
    let flat = frame(1, 100, |_, _| 97.25);
    let below = vec![Threshold { value: 90.0, level: Level::Critical, beyond: Beyond::Below }];
    save(
        dir,
        "flat",
        &Drawing {
            thresholds: below,
            unit: unit("percentage", "percent", "%", 1.0),
            ..Drawing::of(&flat, "Flat")
        },
    )?;
    let none = frame(1, 100, |_, _| f64::NAN);
    let limit = vec![Threshold { value: 5.0, level: Level::Critical, beyond: Beyond::Above }];
    save(dir, "none", &Drawing { thresholds: limit, ..Drawing::of(&none, "No data at all") })
}

fn main() -> Result<(), AnyError> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let dir = Path::new(&dir);
    alert(dir)?;
    bands(dir)?;
    odd(dir)
}
