//! API keys (for sending) and application keys (for reading and changing). A request looks its key up by SHA-256 in a table in
//! memory and compares the whole digest in constant time; times of last use are written back once a minute and at the end.

use crate::account::org_id;
use crate::{Error, Result, State, secret};
use oriel_model::OrgId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use subtle::ConstantTimeEq;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    Api,
    App,
}

impl KeyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::App => "app",
        }
    }

    /// Random bytes of a new key: 32 and 40 characters, the lengths that clients know.
    fn bytes(self) -> usize {
        match self {
            Self::Api => 16,
            Self::App => 20,
        }
    }
}

/// A key as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct KeyInfo {
    pub id: String,
    pub name: String,
    pub kind: KeyKind,
    /// Its last four characters.
    pub hint: String,
    pub created_ms: i64,
    pub last_used_ms: Option<i64>,
}

/// A key that was just made; the secret is told once.
#[derive(Clone, Debug, serde::Serialize)]
pub struct MadeKey {
    pub id: String,
    pub name: String,
    pub kind: KeyKind,
    pub key: String,
}

/// What a good key says of its bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    pub id: i64,
    pub org: OrgId,
    pub name: String,
}

struct Entry {
    digest: [u8; 32],
    kind: KeyKind,
    known: KnownKey,
    /// 0 when it was not used since the process started.
    last_used_ms: AtomicI64,
}

/// The keys by digest. Readers take the lock for one lookup; writers for one insert or removal.
pub(crate) struct KeyTable(RwLock<HashMap<[u8; 32], Arc<Entry>>>);

impl KeyTable {
    pub(crate) async fn load(pool: &sqlx::SqlitePool) -> Result<Self> {
        let rows: Vec<(i64, i64, String, String, String)> =
            sqlx::query_as("SELECT id, org, kind, name, digest FROM keys").fetch_all(pool).await?;
        let mut table = HashMap::with_capacity(rows.len());
        for (id, org, kind, name, digest) in rows {
            let digest = parse_digest(&digest).ok_or_else(|| Error::Damaged {
                what: "key",
                name: name.clone(),
                why: "its digest is not SHA-256 in hexadecimal".to_owned(),
            })?;
            let kind = if kind == "app" { KeyKind::App } else { KeyKind::Api };
            let known = KnownKey { id, org: org_id(org), name };
            table.insert(digest, Arc::new(Entry { digest, kind, known, last_used_ms: AtomicI64::new(0) }));
        }
        Ok(Self(RwLock::new(table)))
    }

    fn get(&self, digest: &[u8; 32]) -> Option<Arc<Entry>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    fn insert(&self, entry: Entry) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(entry.digest, Arc::new(entry));
    }

    fn remove(&self, id: i64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, e| e.known.id != id);
    }

    fn used(&self) -> Vec<(i64, i64)> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        table
            .values()
            .map(|e| (e.known.id, e.last_used_ms.load(Ordering::Relaxed)))
            .filter(|(_, ms)| *ms > 0)
            .collect()
    }
}

impl State {
    /// Who bears this key; `None` when nobody does or it is of the other kind.
    pub fn find_key(&self, kind: KeyKind, key: &str) -> Option<KnownKey> {
        let digest = secret::digest(key);
        let entry = self.keys.get(&digest)?;
        if entry.kind != kind || !bool::from(entry.digest.ct_eq(&digest)) {
            return None;
        }
        entry.last_used_ms.store(self.now_ms(), Ordering::Relaxed);
        Some(entry.known.clone())
    }

    pub async fn make_key(&self, org: OrgId, kind: KeyKind, name: &str) -> Result<MadeKey> {
        let key = secret::random_hex(kind.bytes());
        let id = self.keep_key(org, kind, name, &key).await?;
        Ok(MadeKey { id: id.to_string(), name: name.to_owned(), kind, key })
    }

    /// Keeps a key that somebody else made.
    pub(crate) async fn keep_key(&self, org: OrgId, kind: KeyKind, name: &str, key: &str) -> Result<i64> {
        if key.len() < 8 {
            return Err(Error::Invalid(format!(
                "the {} key is shorter than 8 characters; take a longer one",
                kind.as_str()
            )));
        }
        let (id, digest) = (secret::random_id(), secret::digest(key));
        let hint: String = key.chars().skip(key.chars().count().saturating_sub(4)).collect();
        sqlx::query("INSERT INTO keys (id, org, kind, name, digest, hint, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(id)
            .bind(i64::from(org.0))
            .bind(kind.as_str())
            .bind(name)
            .bind(secret::hex(&digest))
            .bind(hint)
            .bind(self.now_ms())
            .execute(&self.pool)
            .await?;
        let known = KnownKey { id, org, name: name.to_owned() };
        self.keys.insert(Entry { digest, kind, known, last_used_ms: AtomicI64::new(0) });
        Ok(id)
    }

    /// The keys of an org, newest first.
    pub async fn keys(&self, org: OrgId) -> Result<Vec<KeyInfo>> {
        self.save_key_use().await?;
        let rows: Vec<(i64, String, String, String, i64, Option<i64>)> = sqlx::query_as(
            "SELECT id, name, kind, hint, created_ms, last_used_ms FROM keys WHERE org = $1 ORDER BY created_ms DESC, id",
        )
        .bind(i64::from(org.0))
        .fetch_all(&self.pool)
        .await?;
        let info = |(id, name, kind, hint, created_ms, last_used_ms): (
            i64,
            String,
            String,
            String,
            i64,
            Option<i64>,
        )| {
            let kind = if kind == "app" { KeyKind::App } else { KeyKind::Api };
            KeyInfo { id: id.to_string(), name, kind, hint, created_ms, last_used_ms }
        };
        Ok(rows.into_iter().map(info).collect())
    }

    pub async fn delete_key(&self, org: OrgId, id: &str) -> Result<()> {
        let missing = || Error::NotFound { what: "key", name: id.to_owned() };
        let number: i64 = id.parse().map_err(|_| missing())?;
        let done = sqlx::query("DELETE FROM keys WHERE id = $1 AND org = $2")
            .bind(number)
            .bind(i64::from(org.0))
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 {
            return Err(missing());
        }
        self.keys.remove(number);
        Ok(())
    }

    /// Writes the times of last use back.
    pub async fn save_key_use(&self) -> Result<()> {
        for (id, ms) in self.keys.used() {
            sqlx::query("UPDATE keys SET last_used_ms = $1 WHERE id = $2 AND (last_used_ms IS NULL OR last_used_ms < $1)")
                .bind(ms)
                .bind(id)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }
}

fn parse_digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (i, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(digest)
}
