//! The words of a statement: which columns it may name, and whether it only reads.

use crate::{Error, Result};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use std::collections::BTreeSet;

/// A statement's length; the longest reports that people keep are a few kilobytes.
const SQL_BYTES_MAX: usize = 64 << 10;

/// What a reading statement begins with.
const READS: [&str; 6] = ["select", "with", "values", "explain", "describe", "desc"];

/// See the module's head.
pub(super) struct Words {
    /// As columns are named: small letters, or as written in quotes.
    names: BTreeSet<String>,
    first: String,
    statements: usize,
}

impl Words {
    pub(super) fn of(sql: &str) -> Result<Self> {
        if sql.len() > SQL_BYTES_MAX {
            return Err(Error::Sql("the statement is longer than 64 KiB; shorten it".into()));
        }
        let tokens = Tokenizer::new(&GenericDialect {}, sql)
            .tokenize()
            .map_err(|e| Error::Sql(format!("the statement can't be read: {e}")))?;
        let mut names = BTreeSet::new();
        let mut first = String::new();
        let mut statements = 0;
        let mut open = false;
        for token in tokens {
            match token {
                Token::Whitespace(_) => continue,
                Token::SemiColon => {
                    open = false;
                    continue;
                }
                Token::Word(word) => {
                    let name = if word.quote_style.is_some() {
                        word.value.clone()
                    } else {
                        word.value.to_lowercase()
                    };
                    if first.is_empty() {
                        first.clone_from(&name);
                    }
                    names.insert(name);
                }
                _ => {}
            }
            statements += usize::from(!open);
            open = true;
        }
        Ok(Self { names, first, statements })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Refuses, by its name, what is no single reading statement.
    pub(super) fn refuse_writes(&self) -> Result<()> {
        if self.statements != 1 {
            return Err(Error::Sql(format!("there are {} statements; send one", self.statements)));
        }
        // A statement that begins with a parenthesis is a query, or the planner says what it is.
        if !self.first.is_empty() && !READS.contains(&self.first.as_str()) {
            let name = self.first.to_uppercase();
            return Err(Error::Sql(format!(
                "{name} is refused: SQL only reads here; begin with SELECT or WITH"
            )));
        }
        Ok(())
    }
}
