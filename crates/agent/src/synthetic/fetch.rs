//! The tests of a host that runs an agent alone: its server is asked with the API key.

use super::{TestDocument, TestSource, TestsFuture};
use serde_json::Value;
use std::time::Duration;

/// How soon a new test runs on an agent that is alone.
const ASK_EVERY: Duration = Duration::from_secs(30);
const REQUEST_MAX: Duration = Duration::from_secs(20);
/// Some hundreds of tests.
const ANSWER_BYTES_MAX: usize = 32 << 20;

/// See the module's head.
pub struct ServerTests {
    client: reqwest::Client,
    url: String,
    api_key: String,
}

impl ServerTests {
    /// Of a server's URL; none when no HTTP client can be made, which a forwarder tells better.
    pub fn new(server_url: &str, api_key: &str, hostname: &str) -> Option<Self> {
        // Another part of the process may have chosen a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(REQUEST_MAX).build().ok()?;
        let mut url = reqwest::Url::parse(server_url).ok()?.join("/api/v1/oriel/synthetics").ok()?;
        url.query_pairs_mut().append_pair("location", hostname);
        Some(Self { client, url: url.into(), api_key: api_key.to_owned() })
    }

    async fn ask(&self) -> Result<Vec<TestDocument>, String> {
        let told = |e: reqwest::Error| e.without_url().to_string();
        let answer =
            self.client.get(&self.url).header("DD-API-KEY", &self.api_key).send().await.map_err(told)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("the server answers {status}"));
        }
        if answer.content_length().is_some_and(|n| n > ANSWER_BYTES_MAX as u64) {
            return Err(format!("the answer has more than {ANSWER_BYTES_MAX} bytes"));
        }
        let body: Value = answer.json().await.map_err(told)?;
        let tests = body["tests"].as_array().cloned().unwrap_or_default();
        Ok(tests.into_iter().filter_map(of_document).collect())
    }
}

/// A test as the server gives it: the document with its `public_id`.
fn of_document(document: Value) -> Option<TestDocument> {
    let public_id = document["public_id"].as_str()?.to_owned();
    Some(TestDocument { public_id, document })
}

impl TestSource for ServerTests {
    fn tests(&self) -> TestsFuture<'_> {
        Box::pin(self.ask())
    }

    fn ask_every(&self) -> Duration {
        ASK_EVERY
    }
}
