//! The attribute paths of a body as a tree: a key is looked up under its parent, and mostly not even that, because rows of one
//! sender name their attributes in the same order. What a path means and its key in the batch are worked out once.

use super::reserved::{Target, is_decimal, role_of};
use hashbrown::{DefaultHashBuilder, HashTable};
use oriel_model::{KeyId, RowBatchBuilder};
use std::hash::BuildHasher;

/// A path's place in the tree.
pub(super) type NodeId = u32;

/// The path of the row itself.
pub(super) const ROOT: NodeId = 0;
/// No path: what stands before the first key.
pub(super) const NONE: NodeId = u32::MAX;

/// A reserved attribute's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) target: Target,
    /// The lower, the more it counts.
    pub(super) rank: u8,
}

struct Node {
    parent: NodeId,
    name: Box<str>,
    path: Box<str>,
    key: Option<KeyId>,
    role: Option<Role>,
    decimal_ids: bool,
    /// The key that came behind this one last time, and the first below it.
    next: NodeId,
    first: NodeId,
}

/// See the module's head. Its size is bounded by the body's.
pub(super) struct Paths {
    nodes: Vec<Node>,
    index: HashTable<NodeId>,
    hasher: DefaultHashBuilder,
}

impl Paths {
    pub(super) fn new() -> Self {
        let root = Node {
            parent: NONE,
            name: "".into(),
            path: "".into(),
            key: None,
            role: None,
            decimal_ids: false,
            next: NONE,
            first: NONE,
        };
        Self { nodes: vec![root], index: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }

    /// The key that probably comes next under `parent`, behind `previous`.
    #[inline]
    pub(super) fn likely(&self, parent: NodeId, previous: NodeId) -> Option<(NodeId, &str)> {
        let likely = match previous {
            NONE => self.nodes[parent as usize].first,
            previous => self.nodes[previous as usize].next,
        };
        self.nodes.get(likely as usize).map(|node| (likely, &*node.name))
    }

    /// The path of `name` under `parent`; it is what is likely from now on.
    pub(super) fn child(&mut self, parent: NodeId, previous: NodeId, name: &str) -> NodeId {
        let hash = self.hasher.hash_one((parent, name));
        let nodes = &self.nodes;
        let same = |&id: &NodeId| {
            let node = &nodes[id as usize];
            node.parent == parent && &*node.name == name
        };
        let id = match self.index.find(hash, same) {
            Some(&found) => found,
            None => self.add(parent, name, hash),
        };
        match previous {
            NONE => self.nodes[parent as usize].first = id,
            previous => self.nodes[previous as usize].next = id,
        }
        id
    }

    fn add(&mut self, parent: NodeId, name: &str, hash: u64) -> NodeId {
        let path = match &*self.nodes[parent as usize].path {
            "" => name.to_owned(),
            above => format!("{above}.{name}"),
        };
        let id = u32::try_from(self.nodes.len()).unwrap_or(ROOT);
        self.nodes.push(Node {
            parent,
            name: name.into(),
            key: None,
            role: role_of(&path),
            decimal_ids: is_decimal(&path),
            path: path.into(),
            next: NONE,
            first: NONE,
        });
        let (nodes, hasher) = (&self.nodes, &self.hasher);
        let rehash = |&id: &NodeId| {
            let node = &nodes[id as usize];
            hasher.hash_one((node.parent, &*node.name))
        };
        self.index.insert_unique(hash, id, rehash);
        id
    }

    #[inline]
    pub(super) fn role(&self, id: NodeId) -> Option<Role> {
        self.nodes[id as usize].role
    }

    pub(super) fn decimal_ids(&self, id: NodeId) -> bool {
        self.nodes[id as usize].decimal_ids
    }

    /// The path's key in the batch.
    #[inline]
    pub(super) fn key(&mut self, id: NodeId, builder: &mut RowBatchBuilder) -> KeyId {
        let node = &mut self.nodes[id as usize];
        match node.key {
            Some(key) => key,
            None => *node.key.insert(builder.attr_key(&node.path)),
        }
    }
}
