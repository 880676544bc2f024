//! Every bound on what comes in, in one place. Each number says where it comes from.

/// Bounds that decoders and intakes keep.
#[derive(Clone, Debug)]
pub struct Limits {
    /// A request's body as it came: the agent's `/intake/` posts may have 3.2 MB, log batches 5 MB; bulk imports are larger.
    pub body_bytes: usize,
    /// A body after decompression: the agent's `/intake/` allows 62.9 MB.
    pub decompressed_bytes: usize,
    /// Metric names, cut or refused past this by each protocol's rule (Datadog: 200).
    pub metric_name_bytes: usize,
    /// One tag, key and value together (Datadog: 200; Prometheus labels are refused past 4,096).
    pub tag_bytes: usize,
    /// Tags of one series.
    pub tags_per_series: usize,
    /// Host names (RFC 1123 allows 253; Datadog takes 255).
    pub host_bytes: usize,
    /// Rows further ahead than this are refused (STORE 14).
    pub future_ms: i64,
    /// Active series of one org; past it new ones are refused while known ones go on (STORE 6).
    pub series_per_org: usize,
    /// Text of one event (Datadog: 4,000 characters for the text, 100 for the title; kept more freely here).
    pub event_text_bytes: usize,
    /// Points of one JSON or protobuf series entry.
    pub points_per_series: usize,
    /// A log's message or an event's text (Datadog cuts logs at 1 MB).
    pub message_bytes: usize,
    /// A core text of few values: service, resource and the like (the agent cuts resources at 5,000 and 15,000 bytes).
    pub word_bytes: usize,
    /// Attributes and tags of one row (Datadog indexes at most 256 attributes of a log).
    pub attributes_per_row: usize,
    /// One attribute's text: the longest stack traces seen are about 100 KB.
    pub attribute_bytes: usize,
    /// An attribute's dotted path.
    pub attribute_name_bytes: usize,
    /// Rows of one request (Datadog: 1,000 logs; bulk imports have more).
    pub rows_per_request: usize,
    /// Bins of one sketch (the agent keeps at most 4,096).
    pub sketch_bins: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 << 20,
            decompressed_bytes: 64 << 20,
            metric_name_bytes: 200,
            tag_bytes: 4096,
            tags_per_series: 128,
            host_bytes: 255,
            future_ms: 10 * 60 * 1000,
            series_per_org: 2_000_000,
            event_text_bytes: 64 << 10,
            points_per_series: 100_000,
            message_bytes: 1 << 20,
            word_bytes: 16 << 10,
            attributes_per_row: 512,
            attribute_bytes: 256 << 10,
            attribute_name_bytes: 512,
            rows_per_request: 500_000,
            sketch_bins: 4096,
        }
    }
}
