//! What a monitor does with what was measured: delays, missing data, telling again, groups.

use super::read::{Fields, Reader};
use super::{Target, window};
use crate::recurrence::CustomSchedule;
use crate::status::Status;
use serde_json::Value;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

/// What becomes of a group whose window is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMissingData {
    /// Counts are 0; else the last status stays.
    #[default]
    Default,
    ShowNoData,
    ShowAndNotifyNoData,
    Resolve,
}

/// Units are milliseconds; a zero means off.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub evaluation_delay_ms: i64,
    /// `new_group_delay`; where it is absent, the older `new_host_delay` of groups by host.
    pub new_group_delay_ms: i64,
    pub new_host_delay_ms: i64,
    pub require_full_window: bool,
    /// Absent: `no_data_after_ms` decides, and else it is `Default`.
    pub on_missing_data: Option<OnMissingData>,
    /// The older form, `notify_no_data` with `no_data_timeframe`: No Data is shown and told after that time.
    pub no_data_after_ms: Option<i64>,
    pub renotify_interval_ms: i64,
    /// Absent: as often as the interval allows.
    pub renotify_occurrences: Option<u32>,
    pub renotify_statuses: Vec<Status>,
    pub escalation_message: String,
    /// A triggered group without data for this long is resolved.
    pub timeout_ms: i64,
    pub group_retention_ms: i64,
    /// Keys that notices are made by; absent: each group has its own; empty: one for all (`["*"]`).
    pub notify_by: Option<Vec<String>>,
    pub include_tags: bool,
    pub enable_logs_sample: bool,
    pub notification_preset_name: String,
    pub notify_audit: bool,
    pub locked: bool,
    /// Of synthetic tests.
    pub min_failure_duration_ms: i64,
    pub min_location_failed: u32,
    /// `scheduling_options.custom_schedule`, as written; null without one.
    pub custom_schedule: Value,
}

/// Presets of what a notice holds.
const PRESETS: &[&str] = &[
    "show_all",
    "hide_query",
    "hide_handles",
    "hide_query_and_handles",
    "hide_all",
    "show_only_snapshot",
    "hide_handles_and_footer",
];

/// Options that are kept, exported, and acted on by nothing: the editor names them where they ask for something.
const WITHOUT_EFFECT: &[&str] = &["aggregation", "device_ids", "locked", "notify_audit", "restricted_roles"];

impl Options {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        let notify_no_data = fields.flag("notify_no_data").unwrap_or(false);
        let timeframe = fields.whole("no_data_timeframe", 0, 43_200).filter(|m| *m > 0);
        let group_delay = fields.whole("new_group_delay", 0, 86_400).unwrap_or(0);
        let host_delay = fields.whole("new_host_delay", 0, 86_400).unwrap_or(0);
        let interval = fields.whole("renotify_interval", 0, 525_600).unwrap_or(0);
        Self {
            evaluation_delay_ms: fields.whole("evaluation_delay", 0, 86_400).unwrap_or(0) * 1000,
            new_group_delay_ms: group_delay * 1000,
            new_host_delay_ms: host_delay * 1000,
            require_full_window: fields.flag("require_full_window").unwrap_or(false),
            on_missing_data: read_on_missing_data(fields),
            no_data_after_ms: notify_no_data.then(|| timeframe.map_or(0, |m| m * MINUTE)),
            renotify_interval_ms: interval * MINUTE,
            renotify_occurrences: fields
                .whole("renotify_occurrences", 0, 1_000_000)
                .and_then(|n| u32::try_from(n).ok())
                .filter(|n| *n > 0),
            renotify_statuses: read_renotify_statuses(fields),
            escalation_message: fields.text("escalation_message").unwrap_or_default(),
            timeout_ms: fields.whole("timeout_h", 0, 24).unwrap_or(0) * HOUR,
            group_retention_ms: read_group_retention_ms(fields),
            notify_by: read_notify_by(fields),
            include_tags: fields.flag("include_tags").unwrap_or(true),
            enable_logs_sample: fields.flag("enable_logs_sample").unwrap_or(false),
            notification_preset_name: read_preset(fields),
            notify_audit: fields.flag("notify_audit").unwrap_or(false),
            locked: fields.flag("locked").unwrap_or(false),
            min_failure_duration_ms: fields.whole("min_failure_duration", 0, 7200).unwrap_or(0) * 1000,
            min_location_failed: fields
                .whole("min_location_failed", 1, 1000)
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(1),
            custom_schedule: read_custom_schedule(fields),
        }
    }

    /// What depends on the query.
    pub(super) fn settle(&mut self, target: &Target, reader: &mut Reader<'_>) {
        let by = match target {
            Target::Series(series) => series.group_by.as_slice(),
            Target::Checks(check) => check.by.as_slice(),
            _ => &[],
        };
        if self.new_group_delay_ms == 0 && by.iter().any(|key| key == "host") {
            self.new_group_delay_ms = self.new_host_delay_ms;
        }
        self.settle_no_data(target, reader);
        for name in WITHOUT_EFFECT {
            if asks(reader.raw(&format!("/options/{name}"))) {
                reader.warn(format!("options.{name} is kept and exported; nothing here acts on it"));
            }
        }
        for key in self.notify_by.iter().flatten() {
            if by != [super::ALL] && !by.contains(key) {
                reader.error(format!(
                    "options.notify_by: {key} is not a key that the query groups by ({}); \"*\" makes one notice for all",
                    by.join(", ")
                ));
            }
        }
    }
}

impl Options {
    /// Without a time frame, twice the window; a day for service checks. Never less than two buckets: newer data may be there
    /// and its bucket not be full.
    fn settle_no_data(&mut self, target: &Target, reader: &mut Reader<'_>) {
        let Some(after_ms) = self.no_data_after_ms.as_mut() else { return };
        let (usual_ms, least_ms) = match target {
            Target::Series(series) => (2 * series.window.len_ms(), 2 * series.step_known_ms()),
            _ => (24 * HOUR, 0),
        };
        if *after_ms == 0 {
            *after_ms = usual_ms;
        }
        if *after_ms < least_ms {
            reader.warn(format!(
                "options.no_data_timeframe is shorter than two points of the query; {} minutes are used",
                least_ms / MINUTE
            ));
            *after_ms = least_ms;
        }
    }
}

fn read_on_missing_data(fields: &mut Fields<'_, '_>) -> Option<OnMissingData> {
    let word = fields.text("on_missing_data")?;
    Some(match word.as_str() {
        "default" => OnMissingData::Default,
        "show_no_data" => OnMissingData::ShowNoData,
        "show_and_notify_no_data" => OnMissingData::ShowAndNotifyNoData,
        "resolve" => OnMissingData::Resolve,
        _ => {
            fields.error(format!(
                "options.on_missing_data must be default, show_no_data, show_and_notify_no_data or resolve, not {word}"
            ));
            return None;
        }
    })
}

fn read_renotify_statuses(fields: &mut Fields<'_, '_>) -> Vec<Status> {
    let Some(words) = fields.texts("renotify_statuses") else { return vec![Status::Alert, Status::NoData] };
    let mut statuses = Vec::new();
    for word in words {
        match Status::parse(&word) {
            Some(status @ (Status::Alert | Status::Warn | Status::NoData)) => statuses.push(status),
            _ => fields
                .error(format!("options.renotify_statuses: alert, warn and no data are known, not {word}")),
        }
    }
    statuses
}

/// A day is what people know; 1 to 72 hours may be asked for.
fn read_group_retention_ms(fields: &mut Fields<'_, '_>) -> i64 {
    let Some(text) = fields.text("group_retention_duration").filter(|t| !t.is_empty()) else {
        return 24 * HOUR;
    };
    match window::length_ms(&text) {
        Ok(ms) if (HOUR..=72 * HOUR).contains(&ms) => ms,
        _ => {
            fields.error(format!("options.group_retention_duration must be from 1h to 72h, not {text}"));
            24 * HOUR
        }
    }
}

fn read_notify_by(fields: &mut Fields<'_, '_>) -> Option<Vec<String>> {
    let simple = fields.flag("groupby_simple_monitor").unwrap_or(false);
    match fields.texts("notify_by") {
        Some(keys) if keys == ["*"] => Some(Vec::new()),
        Some(keys) if !keys.is_empty() => Some(keys),
        _ => simple.then(Vec::new),
    }
}

fn read_custom_schedule(fields: &mut Fields<'_, '_>) -> Value {
    let options = fields.raw("scheduling_options");
    if let Err(error) = CustomSchedule::read(options) {
        fields.error(format!("options.scheduling_options.{error}"));
    }
    options.get("custom_schedule").cloned().unwrap_or_default()
}

fn read_preset(fields: &mut Fields<'_, '_>) -> String {
    let word = fields.text("notification_preset_name").unwrap_or_else(|| "show_all".to_owned());
    if !PRESETS.contains(&word.as_str()) {
        fields.error(format!(
            "options.notification_preset_name must be one of {}, not {word}",
            PRESETS.join(", ")
        ));
    }
    word
}

/// Whether a value says more than a default.
fn asks(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    }
}
