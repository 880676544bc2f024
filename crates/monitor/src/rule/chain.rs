//! Texts of the form `logs("…").index("*").by("a,b").last("5m")`: a head, and calls on it.

/// `head("argument").method("a", "b")…`; a service check's head is a quoted text without a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chain {
    /// `logs`; empty for a quoted head.
    pub(super) head: String,
    pub(super) argument: String,
    pub(super) methods: Vec<(String, Vec<String>)>,
}

/// More calls than any documented form has.
const METHODS_MAX: usize = 20;

impl Chain {
    /// The chain at the start of the text, and what follows it.
    pub(super) fn read(text: &str) -> Result<(Self, &str), String> {
        let text = text.trim_start();
        let mut chain = Self::default();
        let mut rest = if text.starts_with(['"', '\'']) {
            let (head, rest) = quoted(text)?;
            chain.argument = head;
            rest
        } else {
            let (name, arguments, rest) = call(text)?;
            chain.head = name;
            chain.argument = arguments.into_iter().next().unwrap_or_default();
            rest
        };
        while let Some(after) = rest.trim_start().strip_prefix('.') {
            let (name, arguments, left) = call(after.trim_start())?;
            if chain.methods.len() >= METHODS_MAX {
                return Err(format!("more than {METHODS_MAX} calls follow each other"));
            }
            chain.methods.push((name, arguments));
            rest = left;
        }
        Ok((chain, rest))
    }

    /// Refuses calls that mean nothing here, and calls that come twice.
    pub(super) fn check(&self, known: &[&str]) -> Result<(), String> {
        for (n, (name, _)) in self.methods.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(format!(".{name}() is not known here; {} are", known.join(", ")));
            }
            if self.methods[..n].iter().any(|(earlier, _)| earlier == name) {
                return Err(format!(".{name}() comes twice"));
            }
        }
        Ok(())
    }

    pub(super) fn arguments(&self, method: &str) -> Option<&[String]> {
        self.methods.iter().find(|(name, _)| name == method).map(|(_, arguments)| arguments.as_slice())
    }

    pub(super) fn has(&self, method: &str) -> bool {
        self.arguments(method).is_some()
    }

    /// The arguments of a method, each split at its commas: `by("a,b")` and `by("a", "b")` are the same; `*` stands for none.
    pub(super) fn list(&self, method: &str) -> Vec<String> {
        let parts = self.arguments(method).unwrap_or_default().iter().flat_map(|a| a.split(','));
        parts.map(str::trim).filter(|p| !p.is_empty() && *p != "*").map(str::to_owned).collect()
    }

    pub(super) fn one(&self, method: &str) -> Option<&str> {
        self.arguments(method)?.first().map(String::as_str)
    }
}

/// `name(arguments)` and what follows it.
fn call(text: &str) -> Result<(String, Vec<String>, &str), String> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || "_-".contains(c))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(mut rest) = rest.trim_start().strip_prefix('(').filter(|_| !name.is_empty()) else {
        let shown: String = text.chars().take(20).collect();
        return Err(format!("a call like last(\"5m\") was expected at {shown:?}"));
    };
    let mut arguments = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            return Ok((name.to_owned(), arguments, after));
        }
        let argument;
        (argument, rest) = if rest.starts_with(['"', '\'']) { quoted(rest)? } else { bare(rest) };
        arguments.push(argument);
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with(')') => {}
            None => return Err(format!("{name}(…) is not closed")),
        }
    }
}

fn bare(text: &str) -> (String, &str) {
    let end = text.find([',', ')']).unwrap_or(text.len());
    (text[..end].trim().to_owned(), &text[end..])
}

/// A quoted text, in which the quote and the backslash are written with a backslash before them; other backslashes stay.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut chars = text.char_indices();
    let Some((_, open)) = chars.next() else { return Err("a quoted text was expected".to_owned()) };
    let mut out = String::new();
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == open => return Ok((out, &text[at + c.len_utf8()..])),
            '\\' => match chars.next() {
                Some((_, next)) if next == open => out.push(next),
                Some((_, next)) => out.extend(['\\', next]),
                None => break,
            },
            _ => out.push(c),
        }
    }
    Err("a quoted text is not closed".to_owned())
}

#[cfg(test)]
mod tests;
