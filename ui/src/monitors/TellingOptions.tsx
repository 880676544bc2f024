import { NumberField, Select } from "./Fields";
import { notifyByOf, turnedKey, withNotifyBy } from "./notifyBy";
import { given, type OptionsProps } from "./optionParts";
import { numberOf } from "./thresholds";

const RENOTIFIED = ["alert", "warn", "no data"];
/** As the server does without a word about it. */
const RENOTIFIED_USUALLY = ["alert", "no data"];

const PRESETS = [
  ["show_all", "all there is"],
  ["hide_query", "all but the query"],
  ["hide_handles", "all but the handles"],
  ["hide_query_and_handles", "all but the query and the handles"],
  ["hide_handles_and_footer", "all but the handles and the foot"],
  ["show_only_snapshot", "the message and the chart"],
  ["hide_all", "only the message"],
] as const;

/** How often, for what, and with what in it. */
export function TellingOptions({ options, form, groupBy, set }: OptionsProps & { groupBy: string[] }) {
  const on = options.renotify_statuses ?? RENOTIFIED_USUALLY;
  const again = (numberOf(options.renotify_interval) ?? 0) > 0;
  return (
    <>
      <p className="sentence">
        Tell again every
        <NumberField
          label="Tell again every minutes"
          width={64}
          value={numberOf(options.renotify_interval) || null}
          placeholder="never"
          onChange={(value) => set({ renotify_interval: given(value) })}
        />
        minutes
        {again && (
          <>
            , at most
            <NumberField
              label="Tell again at most"
              width={64}
              value={numberOf(options.renotify_occurrences)}
              placeholder="∞"
              onChange={(value) => set({ renotify_occurrences: given(value) })}
            />
            times
          </>
        )}
      </p>
      {again && (
        <div className="sentence" role="group" aria-label="Tell again while it is">
          while it is
          {RENOTIFIED.map((status) => (
            <label key={status} className="tick">
              <input
                type="checkbox"
                checked={on.includes(status)}
                onChange={({ target }) =>
                  set({ renotify_statuses: target.checked ? [...on, status] : on.filter((each) => each !== status) })
                }
              />
              {status}
            </label>
          ))}
        </div>
      )}
      {(groupBy.length > 0 || notifyByOf(options) !== "groups") && (
        <NotifyBy options={options} groupBy={groupBy} set={set} />
      )}
      <p className="sentence">
        A notice holds
        <Select
          label="A notice holds"
          value={options.notification_preset_name ?? "show_all"}
          options={PRESETS}
          onChange={(value) => set({ notification_preset_name: value === "show_all" ? undefined : value })}
        />
      </p>
      <label className="tick">
        <input
          type="checkbox"
          checked={options.include_tags !== false}
          onChange={({ target }) => set({ include_tags: target.checked })}
        />
        The subject names the group that triggered
      </label>
      {form?.kind === "logs" && (
        <label className="tick">
          <input
            type="checkbox"
            checked={options.enable_logs_sample === true}
            onChange={({ target }) => set({ enable_logs_sample: target.checked })}
          />
          Ten of the logs come with the notice
        </label>
      )}
    </>
  );
}

/** One notice for each group, for some keys of the grouping, or for all. */
function NotifyBy({ options, groupBy, set }: Pick<OptionsProps, "options" | "set"> & { groupBy: string[] }) {
  const by = notifyByOf(options);
  const chosen = Array.isArray(by) ? by : [];
  const keys = [...new Set([...groupBy, ...chosen])];
  const to = (next: typeof by) => set(withNotifyBy(options, next));
  return (
    <div className="sentence" role="group" aria-label="One notice for each">
      One notice for each
      <span className="segments">
        <button type="button" aria-pressed={by === "groups"} onClick={() => to("groups")}>
          group
        </button>
        {(keys.length > 1 || chosen.length > 0) &&
          keys.map((key) => (
            <button
              key={key}
              type="button"
              className="mono"
              aria-pressed={chosen.includes(key)}
              onClick={() => to(turnedKey(by, key))}
            >
              {key}
            </button>
          ))}
        <button type="button" aria-pressed={by === "all"} onClick={() => to("all")}>
          monitor
        </button>
      </span>
    </div>
  );
}
