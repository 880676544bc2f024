//! Drawings as text and pixels: what they say, how large they are, and that any frame draws.

use super::*;
use oriel_model::{Band, BandSide, FrameSeries, Kind};
use proptest::prelude::*;

fn series(values: Vec<f64>, group: &str) -> FrameSeries {
    FrameSeries {
        name: "system.cpu.user".into(),
        expression: "avg:system.cpu.user{*}".into(),
        scope: format!("host:{group}"),
        group: vec![("host".into(), group.into())],
        aggregator: "avg".into(),
        kind: Kind::Gauge,
        values,
        band: None,
        outlier: None,
    }
}

fn frame(columns: Vec<Vec<f64>>) -> Frame {
    let len = columns.iter().map(Vec::len).max().unwrap_or(0);
    Frame {
        times: (0..len as i64).map(|i| 1_795_000_000_000 + i * 60_000).collect(),
        step_ms: 60_000,
        incomplete_from: None,
        series: columns
            .into_iter()
            .enumerate()
            .map(|(i, values)| series(values, &format!("web-{i}")))
            .collect(),
        notes: Vec::new(),
    }
}

/// Elements that were opened and not closed, attributes without quotes, stray ampersands: a reader of XML would refuse them.
fn parsed(svg: &str) -> resvg::usvg::Tree {
    resvg::usvg::Tree::from_str(svg, &resvg::usvg::Options::default()).expect("the SVG is well-formed")
}

#[test]
fn a_picture_is_small_and_of_the_promised_size() {
    let columns = (0..20).map(|s| (0..300).map(|i| f64::from((i * 37 + s * 91) % 101)).collect()).collect();
    let frame = frame(columns);
    let picture = png(&Drawing::of(&frame, "twenty noisy lines")).unwrap();
    assert!(picture.len() < 60 << 10, "{} bytes", picture.len());
    assert_eq!(picture[..8], [0x89, b'P', b'N', b'G', 13, 10, 26, 10]);
    let side = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (1200, 480));
}

#[test]
fn hostile_text_stays_text() {
    let mut frame = frame(vec![vec![1.0, 2.0]]);
    frame.series[0].group = vec![("<script>".into(), "\"&'\u{1}\u{ffff}]]>".into())];
    let svg = svg(&Drawing {
        time_zone: "No/Where",
        ..Drawing::of(&frame, "</text><svg onload=\"x\">&amp; \u{0}")
    });
    parsed(&svg);
    assert!(!svg.contains("<script>") && !svg.contains("onload=\"x"));
    assert!(svg.contains("UTC"));
}

#[test]
fn thresholds_and_values_say_their_numbers() {
    let frame = frame(vec![vec![700.0, 812.0]]);
    let drawing = Drawing {
        thresholds: vec![
            Threshold { value: 800.0, level: Level::Critical, beyond: Beyond::Above },
            Threshold { value: 750.0, level: Level::Warning, beyond: Beyond::Above },
        ],
        unit: Some(Unit {
            family: "time".into(),
            name: "millisecond".into(),
            short_name: "ms".into(),
            scale_factor: 0.001,
            per: None,
        }),
        ..Drawing::of(&frame, "Latency")
    };
    let svg = svg(&drawing);
    for text in [">critical 800 ms<", ">warning 750 ms<", ">812 ms<", ">host:web-0<", ">Latency<"] {
        assert!(svg.contains(text), "{text} in {svg}");
    }
}

#[test]
fn an_empty_answer_says_so() {
    for columns in [vec![], vec![vec![]], vec![vec![f64::NAN, f64::NAN]]] {
        let frame = frame(columns);
        assert!(svg(&Drawing::of(&frame, "x")).contains("No data in this time"));
    }
}

#[test]
fn ticks_fall_on_round_times_of_the_zone() {
    let mut frame = frame(vec![(0..24).map(f64::from).collect()]);
    // 2026-11-21 00:00 in India is 18:30 of the day before.
    let start = 1_795_199_400_000;
    frame.times = (0..24).map(|i| start + i * 3_600_000).collect();
    frame.step_ms = 3_600_000;
    let svg = svg(&Drawing { time_zone: "Asia/Kolkata", ..Drawing::of(&frame, "x") });
    for text in [">Nov 21<", ">12:00<", ">18:00<", "Nov 21, 00:00 – Nov 22, 00:00 Asia/Kolkata"] {
        assert!(svg.contains(text), "{text} in {svg}");
    }
}

#[test]
fn a_gap_breaks_the_line_and_a_lone_point_is_a_dot() {
    let frame = frame(vec![vec![1.0, 2.0, f64::NAN, 4.0, f64::NAN, 1.0, 2.0]]);
    let svg = svg(&Drawing::of(&frame, "x"));
    let line = svg.split("<path ").find(|p| p.contains("fill=\"none\"") && p.contains('L')).unwrap();
    assert_eq!(line.matches('M').count(), 2);
    assert_eq!(svg.matches("<circle").count(), 1);
}

fn hour(from_min: i64, to_min: i64, state: State) -> (TimeRange, State) {
    let start = 1_795_000_000_000;
    (TimeRange::new(start + from_min * 60_000, start + to_min * 60_000), state)
}

fn states<'a>(bands: Vec<StateBand>) -> States<'a> {
    States {
        title: "Checkout is down",
        subtitle: "What its members were",
        bands,
        range: hour(0, 60, State::Ok).0,
        moment_ms: Some(hour(50, 60, State::Ok).0.start),
        time_zone: "UTC",
        theme: Theme::Light,
    }
}

#[test]
fn bands_say_whose_they_are_and_what_they_mean() {
    let band = |name: &str, pieces| StateBand { name: name.to_owned(), pieces };
    let drawing = states(vec![
        band("a: latency", vec![hour(0, 40, State::Ok), hour(40, 60, State::Alert)]),
        band("b: <errors> & more", vec![hour(0, 48, State::Ok), hour(48, 60, State::Warn)]),
        band("c: host", vec![hour(0, 59, State::NoData), hour(59, 60, State::Unknown)]),
    ]);
    let svg = states_svg(&drawing);
    parsed(&svg);
    for text in ["Checkout is down", "What its members were", "a: latency", "b: &lt;errors&gt; &amp; more"] {
        assert!(svg.contains(text), "{text} in {svg}");
    }
    // Each state that there is stands in the legend, and where there is room in its piece: a colour alone says nothing to some.
    let said = |word: &str| svg.matches(&format!(">{word}<")).count();
    assert_eq!((said("Alert"), said("Warn"), said("No Data"), said("Unknown")), (2, 2, 2, 1));
}

/// Colours of a line of pixels across the drawing, by places of the logical one.
fn across(picture: &[u8], y: usize) -> Vec<[u8; 3]> {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut indexed = vec![0; reader.output_buffer_size().unwrap()];
    let palette = reader.info().palette.clone().unwrap();
    reader.next_frame(&mut indexed).unwrap();
    let colour = |x: usize| usize::from(indexed[y * 2 * 1200 + x * 2]) * 3;
    (0..600).map(colour).map(|at| palette[at..at + 3].try_into().unwrap()).collect()
}

fn is_red(colour: &[u8; 3]) -> bool {
    colour[0] > 150 && colour[1] < 90 && colour[2] < 90
}

#[test]
fn a_minute_of_alert_in_a_month_is_seen_and_lies_over_what_is_well() {
    let month = 30 * 24 * 60;
    let pieces = vec![hour(month / 2, month / 2 + 1, State::Alert), hour(0, month, State::Ok)];
    let mut drawing = states(vec![StateBand { name: "a".into(), pieces }]);
    drawing.range = hour(0, month, State::Ok).0;
    drawing.moment_ms = None;
    let picture = states_png(&drawing).unwrap();
    let red = across(&picture, 67).iter().filter(|colour| is_red(colour)).count();
    assert!((1..=4).contains(&red), "{red} columns of alert");
}

#[test]
fn who_stands_apart_has_the_colour_of_alerts_and_the_others_are_grey() {
    let mut frame = frame(vec![vec![1.0; 30], vec![9.0; 30], vec![2.0; 30]]);
    for (i, series) in frame.series.iter_mut().enumerate() {
        series.outlier = Some(i == 1);
    }
    let theme = Theme::Light.ink();
    for focus in [None, Some(1), Some(0)] {
        let drawing = Drawing { focus, ..Drawing::of(&frame, "x") };
        assert_eq!(legend::colour(&drawing, theme, 1), theme.critical);
        assert_eq!(legend::colour(&drawing, theme, 2), theme.faint_line);
    }
    let svg = svg(&Drawing::of(&frame, "x"));
    let drawn = |colour: &str| svg.rfind(&format!("fill=\"none\" stroke=\"{colour}\"")).unwrap();
    assert!(drawn(theme.critical) > drawn(theme.faint_line), "it lies on top");
}

#[test]
fn a_subtitle_has_a_line_of_its_own() {
    let frame = frame(vec![vec![1.0, 2.0]]);
    let plain = svg(&Drawing::of(&frame, "x"));
    let told = svg(&Drawing { subtitle: "change over 5 min", ..Drawing::of(&frame, "x") });
    assert!(told.contains(">change over 5 min<") && !plain.contains("change over"));
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3f64,
        2 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(0.0),
        1 => any::<f64>(),
    ]
}

fn any_threshold() -> impl Strategy<Value = Threshold> {
    let level = prop_oneof![Just(Level::Critical), Just(Level::Warning), Just(Level::Recovery)];
    let beyond = prop_oneof![Just(Beyond::Above), Just(Beyond::Below), Just(Beyond::Neither)];
    (any_value(), level, beyond).prop_map(|(value, level, beyond)| Threshold { value, level, beyond })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_frame_draws(
        columns in prop::collection::vec(prop::collection::vec(any_value(), 0..40), 0..8),
        edges in prop::option::of(prop::collection::vec((any_value(), any_value()), 0..40)),
        thresholds in prop::collection::vec(any_threshold(), 0..4),
        title in any::<String>(),
        group in any::<String>(),
        (start, step) in (-1_000_000_000_000i64..4_000_000_000_000, 0i64..100_000_000_000),
        moment in prop::option::of(any::<i64>()),
        focus in prop::option::of(0usize..10),
        (bars, dark, outlier) in any::<(bool, bool, Option<bool>)>(),
    ) {
        let mut frame = frame(columns);
        frame.times = (0..frame.times.len() as i64).map(|i| start + i * step).collect();
        frame.step_ms = step;
        if let Some(first) = frame.series.first_mut() {
            first.group = vec![(group.clone(), group)];
            first.outlier = outlier;
            first.band = edges.map(|edges| Band {
                lower: edges.iter().map(|e| e.0).collect(),
                upper: edges.iter().map(|e| e.1).collect(),
                side: BandSide::Above,
            });
        }
        let drawing = Drawing {
            thresholds,
            shape: if bars { Shape::Bars } else { Shape::Lines },
            theme: if dark { Theme::Dark } else { Theme::Light },
            window: moment.map(|at| TimeRange { start, end: at }),
            moment_ms: moment,
            forecast_from_ms: moment,
            focus,
            ..Drawing::of(&frame, &title)
        };
        let pieces = moment.map(|at| (TimeRange { start, end: at }, State::Alert)).into_iter().collect();
        let bands = vec![StateBand { name: title.clone(), pieces }; focus.unwrap_or(0) * 2];
        let range = TimeRange { start, end: start.saturating_add(step) };
        parsed(&states_svg(&States { title: &title, range, moment_ms: moment, ..states(bands) }));
        let svg = svg(&drawing);
        parsed(&svg);
        let attributes = svg.split('>').filter_map(|part| part.rsplit_once('<')).map(|(_, tag)| tag);
        for tag in attributes {
            prop_assert!(!tag.contains("NaN") && !tag.contains("inf"), "{tag}");
        }
    }
}
