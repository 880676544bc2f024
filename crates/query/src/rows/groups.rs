//! The groups that a worker has seen: values as numbers, their combinations as numbers of groups.

use super::codes::{Codes, NONE};
use hashbrown::HashMap;
use std::borrow::Cow;

/// Combinations of a block's codes that are looked up in a table instead of a hash map: 256 KiB.
const TABLE_MAX: usize = 1 << 16;

/// The values of one field.
#[derive(Default)]
struct Values {
    ids: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Values {
    fn id(&mut self, text: &str) -> u32 {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = self.texts.len() as u32;
        self.ids.insert(text.into(), id);
        self.texts.push(text.into());
        id
    }
}

/// See the module's head.
#[derive(Default)]
pub(super) struct Groups {
    values: Vec<Values>,
    ids: HashMap<Box<[u32]>, u32>,
    list: Vec<Box<[u32]>>,
    /// No new groups: rows of others have none.
    frozen: bool,
    bytes: usize,
}

/// The group of each row of a block.
pub(super) struct Assigned {
    pub(super) rows: Vec<u32>,
    /// Rows with a list are in further groups.
    pub(super) more: Vec<(u32, u32)>,
}

impl Assigned {
    /// Every group of a row.
    pub(super) fn of_row(&self, row: usize) -> impl Iterator<Item = usize> {
        let first = Some(self.rows[row]).filter(|group| *group != NONE);
        // Rows with lists are rare, and of most blocks there are none.
        let more = self.more.iter().filter(move |(r, _)| *r as usize == row).map(|(_, group)| *group);
        first.into_iter().chain(more).map(|group| group as usize)
    }
}

impl Groups {
    pub(super) fn new(fields: usize) -> Self {
        let mut made = Self { values: (0..fields).map(|_| Values::default()).collect(), ..Self::default() };
        if fields == 0 {
            made.group(&[]);
        }
        made
    }

    /// These groups and no others.
    pub(super) fn only(fields: usize, wanted: &[Vec<String>]) -> Self {
        let mut made = Self::new(fields);
        for by in wanted {
            let texts: Vec<&str> = by.iter().map(String::as_str).collect();
            made.group_of(&texts);
        }
        made.frozen = true;
        made
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Heap bytes, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The texts of a group.
    pub(super) fn texts(&self, group: usize) -> Vec<&str> {
        self.list[group].iter().zip(&self.values).map(|(id, values)| &*values.texts[*id as usize]).collect()
    }

    /// The group of these texts, which may be new.
    pub(super) fn group_of(&mut self, texts: &[&str]) -> u32 {
        let ids: Vec<u32> =
            texts.iter().zip(&mut self.values).map(|(text, values)| values.id(text)).collect();
        self.group(&ids)
    }

    fn group(&mut self, ids: &[u32]) -> u32 {
        if let Some(group) = self.ids.get(ids) {
            return *group;
        }
        if self.frozen {
            return NONE;
        }
        let group = self.list.len() as u32;
        self.ids.insert(ids.into(), group);
        self.list.push(ids.into());
        let texts: usize = ids.iter().zip(&self.values).map(|(id, v)| v.texts[*id as usize].len()).sum();
        self.bytes += 96 + 8 * ids.len() + 2 * texts;
        group
    }

    /// The group of every row, by the codes of each field.
    pub(super) fn assign(&mut self, codes: &[Codes<'_>], rows: usize) -> Assigned {
        let mut block = BlockGroups::new(codes);
        let mut out = Vec::with_capacity(rows);
        if let [only] = codes
            && only.more.is_empty()
        {
            out.extend(only.rows.iter().map(|code| block.group(self, std::slice::from_ref(code))));
            return Assigned { rows: out, more: Vec::new() };
        }
        let mut tuple = vec![NONE; codes.len()];
        for row in 0..rows {
            for (place, codes) in tuple.iter_mut().zip(codes) {
                *place = codes.rows[row];
            }
            out.push(block.group(self, &tuple));
        }
        let mut more = Vec::new();
        for row in rows_with_lists(codes) {
            for tuple in further_tuples(codes, row) {
                let group = block.group(self, &tuple);
                if group != NONE {
                    more.push((row, group));
                }
            }
        }
        Assigned { rows: out, more }
    }
}

/// A block's combinations of codes that are known already.
struct BlockGroups<'c, 'a> {
    codes: &'c [Codes<'a>],
    /// By the codes as digits of one number; [`UNKNOWN`] where not looked up yet. Empty when there are too many.
    table: Vec<u32>,
}

const UNKNOWN: u32 = NONE - 1;

impl<'c, 'a> BlockGroups<'c, 'a> {
    fn new(codes: &'c [Codes<'a>]) -> Self {
        let size = codes.iter().try_fold(1_usize, |all, codes| all.checked_mul(codes.texts.len().max(1)));
        let table =
            size.filter(|size| *size <= TABLE_MAX).map(|size| vec![UNKNOWN; size]).unwrap_or_default();
        Self { codes, table }
    }

    fn group(&mut self, groups: &mut Groups, tuple: &[u32]) -> u32 {
        let mut at = 0;
        for (code, codes) in tuple.iter().zip(self.codes) {
            if *code == NONE {
                return NONE;
            }
            at = at * codes.texts.len() + *code as usize;
        }
        match self.table.get(at) {
            Some(&group) if group != UNKNOWN => group,
            _ => {
                let texts: Vec<&str> = tuple
                    .iter()
                    .zip(self.codes)
                    .map(|(code, codes)| codes.texts[*code as usize].as_ref())
                    .collect();
                let group = groups.group_of(&texts);
                if let Some(slot) = self.table.get_mut(at) {
                    *slot = group;
                }
                group
            }
        }
    }
}

fn rows_with_lists(codes: &[Codes<'_>]) -> Vec<u32> {
    let mut rows: Vec<u32> = codes.iter().flat_map(|codes| codes.more.iter().map(|(row, _)| *row)).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Every combination of a row's elements but that of the first ones.
fn further_tuples(codes: &[Codes<'_>], row: u32) -> Vec<Vec<u32>> {
    let mut tuples = vec![Vec::new()];
    for codes in codes {
        let first = std::iter::once(codes.rows[row as usize]);
        let more = codes.more.iter().filter(|(r, _)| *r == row).map(|(_, code)| *code);
        let options: Vec<u32> = first.chain(more).collect();
        tuples = tuples
            .iter()
            .flat_map(|tuple: &Vec<u32>| {
                options.iter().map(move |code| tuple.iter().copied().chain([*code]).collect::<Vec<u32>>())
            })
            .take(LIST_GROUPS_MAX)
            .collect();
    }
    tuples.remove(0);
    tuples
}

/// Groups that one row may be in: lists multiply.
const LIST_GROUPS_MAX: usize = 1_000;

/// Rows without a value are in a group of this name.
pub(super) fn fill_missing<'a>(codes: &mut Codes<'a>, name: &'a str) {
    if !codes.rows.contains(&NONE) {
        return;
    }
    let code = codes.texts.iter().position(|text| text == name).unwrap_or(codes.texts.len()) as u32;
    if code as usize == codes.texts.len() {
        codes.texts.push(Cow::Borrowed(name));
    }
    codes.rows.iter_mut().filter(|row| **row == NONE).for_each(|row| *row = code);
}
