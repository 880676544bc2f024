//! The few forms of searches that the cases need; the real parser lives in another room.

use oriel_model::{Bound, Bounds, Field, Filter, Signal, Test};

/// `field:value`, `field:>=n`, several with blanks between, `-` in front for not.
pub(crate) fn parse(text: &str) -> Result<Filter, String> {
    let terms: Result<Vec<Filter>, String> = text.split_whitespace().map(term).collect();
    Ok(Filter::And(terms?))
}

fn term(text: &str) -> Result<Filter, String> {
    if let Some(rest) = text.strip_prefix('-') {
        return Ok(Filter::Not(Box::new(term(rest)?)));
    }
    let (field, value) = text.split_once(':').ok_or("no colon")?;
    let test = match (value, value.strip_prefix(">=")) {
        ("*", _) => Test::Exists,
        (_, Some(bound)) => {
            let low = Bound { text: bound.into(), number: bound.parse().ok(), inclusive: true };
            Test::Range(Bounds { low: Some(low), high: None })
        }
        (value, None) => Test::Equals(value.into()),
    };
    Ok(Filter::Is(Field::parse(Signal::Logs, field), test))
}
