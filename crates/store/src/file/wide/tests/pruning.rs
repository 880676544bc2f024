//! What the index rules out has no wanted row, and what it counts is so (STORE 31, 33).

use super::*;
use oriel_model::{Bound, Bounds, Columns, Glob, GlobPart, Pattern, Test, Word, Words, text};
use proptest::prelude::*;

fn equals(field: &Field, text: &str) -> Filter {
    Filter::Is(field.clone(), Test::Equals(text.into()))
}

fn starts_with(text: &str) -> Glob {
    Glob { parts: vec![GlobPart::Literal(text.into()), GlobPart::Any] }
}

/// Filters of every form over the fields of [`random_rows`].
fn filters(rows: &[Row], random: &mut StdRng) -> Vec<Filter> {
    let row = &rows[random.random_range(0..rows.len())];
    let timeout = Pattern(Arc::new(regex::Regex::new("timeout$").unwrap()));
    let mut out = vec![
        Filter::All,
        equals(&Field::Core(Core::Service), "web"),
        equals(&Field::Core(Core::Status), "error"),
        equals(&Field::Core(Core::Source), "nobody"),
        equals(&Field::Core(Core::TraceId), &oriel_model::format_trace_id(row.trace_id)),
        equals(&Field::Core(Core::SpanId), &oriel_model::format_span_id(row.span_id)),
        equals(&Field::Core(Core::SpanId), &row.span_id.to_string()),
        equals(&Field::Core(Core::Resource), row.text(Core::Resource)),
        Filter::Is(Field::Core(Core::Duration), Test::Range(at_least(1_900_000_000.0))),
        Filter::Is(Field::Core(Core::Host), Test::Glob(starts_with("h-1"))),
        Filter::Is(Field::Core(Core::Message), Test::Regex(timeout)),
        Filter::Anywhere(words("gateway")),
        Filter::Words(words("4711")),
        Filter::Words(words("gateway timeout")),
        Filter::Words(words("neverseen")),
        Filter::Words(words(row.text(Core::Message))),
        Filter::Words(Words(vec![Word::Glob(starts_with("gate"))])),
    ];
    for (field, value) in &row.attributes {
        out.push(equals(field, &value.text().unwrap_or_default()));
        out.push(Filter::Is(field.clone(), Test::Exists));
        out.push(Filter::Is(field.clone(), Test::Range(at_least(value.number().unwrap_or(7.0)))));
    }
    for text in ["200", "200.0", "true", "caf\u{e9}", "-1", "0.5"] {
        out.extend(["usr.id", "mixed", "rare.7"].map(|field| equals(&Field::attr(field), text)));
    }
    out
}

fn at_least(number: f64) -> Bounds {
    let low = Bound { text: number.to_string().into(), number: Some(number), inclusive: true };
    Bounds { low: Some(low), high: None }
}

fn words(text: &str) -> Words {
    Words(text::tokens(text).into_iter().map(Word::Token).collect())
}

/// That nothing is lost, and that exact counts are; how many blocks are left.
fn check(file: &WideFile, filter: &Filter) -> usize {
    let ask = BlockAsk { org: ORG, range: ALL_TIME, filter };
    let candidates = file.blocks(&ask).unwrap();
    for block in every_block(file) {
        let open = file.open(&block).unwrap();
        let columns: &dyn Columns = &*open;
        let wanted = filter.select(columns).true_count() as u32;
        let Some(named) = candidates.blocks.iter().find(|b| b.number == block.number) else {
            assert_eq!(wanted, 0, "{filter:?} lost rows of block {}", block.number);
            continue;
        };
        assert!(named.exact.is_none_or(|n| n == wanted), "{filter:?}: {named:?} where {wanted} pass");
        assert!(!named.all_match || wanted == block.rows, "{filter:?}: {named:?} where {wanted} pass");
    }
    candidates.blocks.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn store_33_no_wanted_row_is_pruned(
        seed in any::<u64>(),
        n in 1usize..12_000,
        level in 0u8..2,
        signal in 0usize..3,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let signal = [Signal::Logs, Signal::Spans, Signal::Events][signal];
        let rows = random_rows(seed, n);
        let meta = write_rows(dir.path(), level, &batches(signal, &rows, seed));
        let file = WideFile::open(dir.path(), &meta).unwrap();
        let filters = filters(&rows, &mut StdRng::seed_from_u64(seed));
        for filter in &filters {
            check(&file, filter);
            check(&file, &Filter::Not(Box::new(filter.clone())));
        }
        for some in filters.chunks(3) {
            check(&file, &Filter::And(some.to_vec()));
            check(&file, &Filter::Or(some.to_vec()));
        }
    }
}

#[test]
fn store_31_rare_things_are_found_in_few_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = random_rows(3, 60_000);
    let needle = "0badcafe";
    rows[31_415].set_text(Core::Message, format!("order {needle} placed"));
    rows[27_182].set_attribute(Field::attr("rare.once"), Value::Text("only here".into()));
    let meta = write_rows(dir.path(), 1, &batches(Signal::Logs, &rows, 3));
    let file = WideFile::open(dir.path(), &meta).unwrap();
    let read = |filter: &Filter| check(&file, filter);
    assert!(read(&Filter::Words(words(needle))) <= 2);
    assert_eq!(read(&Filter::Words(words("gateway"))), 8);
    let field = Field::attr("rare.once");
    assert!(read(&equals(&field, "only here")) <= 2);
    assert!(read(&Filter::Is(field, Test::Exists)) <= 2);
    let traced = rows.iter().find(|r| r.trace_id != 0).unwrap();
    let id = oriel_model::format_trace_id(traced.trace_id);
    assert!(read(&equals(&Field::Core(Core::TraceId), &id)) <= 4);
    assert!(read(&equals(&Field::Core(Core::Service), "web")) <= 3);
}

#[test]
fn store_33_one_token_is_counted_without_reading() {
    let dir = tempfile::tempdir().unwrap();
    let rows = random_rows(3, 40_000);
    let meta = write_rows(dir.path(), 1, &batches(Signal::Logs, &rows, 3));
    let file = WideFile::open(dir.path(), &meta).unwrap();
    let filter = Filter::Words(words("gateway"));
    let ask = BlockAsk { org: ORG, range: ALL_TIME, filter: &filter };
    let counted: u32 = file.blocks(&ask).unwrap().blocks.iter().map(|b| b.exact.unwrap()).sum();
    assert_eq!(counted as usize, rows.iter().filter(|row| filter.matches(row)).count());
}
