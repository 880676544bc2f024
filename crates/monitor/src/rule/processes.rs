//! The search of process monitors: `nginx`, `java AND (kafka OR zookeeper)`, `"java -jar" user:root !command:*test*`.

/// Words of one search.
const WORDS_MAX: usize = 100;

/// A filter over the tags of the agents' gauge of processes; none for every process.
pub(super) fn filter(search: &str) -> Result<Option<String>, String> {
    let mut parts: Vec<String> = Vec::new();
    // Between two terms without a word there is an AND.
    let mut is_open = true;
    for word in words(search)? {
        let is_term = match word.as_str() {
            "AND" | "OR" => {
                is_open = true;
                parts.push(word);
                continue;
            }
            ")" => {
                is_open = false;
                parts.push(word);
                continue;
            }
            "NOT" | "-" | "!" | "(" => false,
            _ => true,
        };
        if !is_open {
            parts.push("AND".to_owned());
        }
        is_open = !is_term;
        parts.push(match word.as_str() {
            "-" | "!" => "NOT".to_owned(),
            _ if is_term => term(&word)?,
            _ => word,
        });
    }
    let text = parts.join(" ");
    let is_choice = parts.iter().any(|part| part == "OR");
    Ok((!parts.is_empty()).then(|| if is_choice { format!("({text})") } else { text }))
}

/// Words, phrases in quotes and parentheses; `*` alone is every process.
fn words(search: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut rest = search.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '(' | ')' => 1,
            '!' | '-' if rest.len() > 1 => 1,
            '"' => 2 + rest[1..].find('"').ok_or("a quote of the search is not closed")?,
            _ => rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        if word != "*" {
            found.push(word.to_owned());
        }
        if found.len() > WORDS_MAX {
            return Err(format!("a search of processes has at most {WORDS_MAX} words"));
        }
        rest = after.trim_start();
    }
    Ok(found)
}

/// A word is part of the process's name or command; `user:root` is a tag. A phrase's words follow each other.
fn term(word: &str) -> Result<String, String> {
    if word.contains(['{', '}', ',']) {
        return Err(format!("{word}: a process is searched by words and key:value"));
    }
    if word.contains(':') && !word.starts_with('"') {
        return Ok(word.to_owned());
    }
    let word = word.trim_matches(['*', '"']).to_lowercase();
    let word = word.split_whitespace().collect::<Vec<_>>().join("*");
    Ok(format!("(process:*{word}* OR command:*{word}*)"))
}

#[cfg(test)]
mod tests;
