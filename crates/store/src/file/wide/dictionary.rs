//! Distinct texts of a row group, numbered as they come.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::xxh3_64;

#[derive(Default)]
pub(super) struct Dictionary {
    index: HashTable<u32>,
    hashes: Vec<u64>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Dictionary {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Of all distinct texts.
    pub(super) fn text_bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn get(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let begin = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.bytes[begin..self.ends[id] as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        (0..self.len()).map(|id| self.get(id as u32))
    }

    pub(super) fn id(&mut self, text: &[u8]) -> u32 {
        let hash = xxh3_64(text);
        let (ends, bytes, hashes) = (&self.ends, &self.bytes, &self.hashes);
        let is_same = |&id: &u32| {
            let id = id as usize;
            let begin = if id == 0 { 0 } else { ends[id - 1] as usize };
            hashes[id] == hash && &bytes[begin..ends[id] as usize] == text
        };
        match self.index.entry(hash, is_same, |&id| hashes[id as usize]) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                let id = self.ends.len() as u32;
                free.insert(id);
                self.hashes.push(hash);
                self.bytes.extend_from_slice(text);
                self.ends.push(self.bytes.len() as u32);
                id
            }
        }
    }
}
