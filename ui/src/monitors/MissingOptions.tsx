import { NumberField, Select } from "./Fields";
import { numberOf } from "./thresholds";
import type { OptionsProps } from "./optionParts";

const MISSING = [
  ["default", "count it as zero where it counts, else keep the last state"],
  ["show_no_data", "show No Data"],
  ["show_and_notify_no_data", "show No Data and tell"],
  ["resolve", "go back to OK"],
] as const;

const HOURS = Array.from({ length: 24 }, (_, n) => [String(n + 1), n === 0 ? "1 hour" : `${n + 1} hours`] as const);
const KEPT = ["1h", "2h", "6h", "12h", "1d", "2d", "3d"].map(
  (each) => [each, each.replace("h", " h").replace("d", " d")] as const,
);

/** What becomes of a group without data: shown, told, resolved, forgotten. */
export function MissingOptions({ options, form, set }: OptionsProps) {
  const timeout = numberOf(options.timeout_h) ?? 0;
  return (
    <>
      {options.notify_no_data === true ? (
        <p className="sentence">
          Tell of no data after
          <NumberField
            label="No data after minutes"
            width={92}
            value={numberOf(options.no_data_timeframe)}
            placeholder="2 windows"
            onChange={(value) => set({ no_data_timeframe: value })}
          />
          minutes
          <button
            type="button"
            className="tag"
            onClick={() =>
              set({
                notify_no_data: false,
                no_data_timeframe: undefined,
                on_missing_data: "show_and_notify_no_data",
              })
            }
          >
            use the newer option
          </button>
        </p>
      ) : (
        <p className="sentence">
          Without data
          <Select
            label="Without data"
            value={options.on_missing_data ?? "default"}
            options={MISSING}
            onChange={(on_missing_data) => set({ on_missing_data })}
          />
        </p>
      )}
      <p className="sentence">
        Trouble without data is resolved
        <Select
          label="Resolved without data after"
          value={timeout > 0 ? String(timeout) : ""}
          options={[["", "never by itself"], ...HOURS.map(([value, text]) => [value, `after ${text}`] as const)]}
          onChange={(value) => set({ timeout_h: value === "" ? undefined : Number(value) })}
        />
      </p>
      {form?.kind !== "composite" && (
        <p className="sentence">
          A group that is gone is forgotten after
          <Select
            label="Groups are kept"
            value={options.group_retention_duration ?? ""}
            options={[["", "a day, as usual"], ...KEPT]}
            onChange={(value) => set({ group_retention_duration: value === "" ? undefined : value })}
          />
        </p>
      )}
    </>
  );
}
