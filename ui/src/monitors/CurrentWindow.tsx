import type { MonitorOptions } from "../api/monitorModel";
import { NumberField, Select, ZoneSelect } from "./Fields";
import { given } from "./optionParts";
import { evaluationWindowOf, withEvaluationWindow, type EvaluationWindow } from "./schedule";

interface Props {
  window: string;
  options: MonitorOptions;
  set: (part: Partial<MonitorOptions>) => void;
}

const MONTH_DAYS = Array.from({ length: 28 }, (_, n) => [String(n + 1), String(n + 1)] as const);

/** Where a window that grows from a start begins: a minute of the hour, a time of the day, a day of the month. */
export function CurrentWindow({ window, options, set }: Props) {
  if (!window.startsWith("current_")) return null;
  const begins = evaluationWindowOf(options);
  const change = (part: Partial<EvaluationWindow>) => set({ scheduling_options: withEvaluationWindow(options, part) });
  if (window === "current_1h")
    return (
      <p className="sentence">
        An hour begins at minute
        <NumberField
          label="Minute at which an hour begins"
          width={56}
          value={begins.hour_starts ?? null}
          placeholder="0"
          onChange={(value) => change({ hour_starts: given(value) })}
        />
      </p>
    );
  return (
    <p className="sentence">
      {window === "current_1mo" && (
        <>
          A month begins on day
          <Select
            label="Day on which a month begins"
            value={String(begins.month_starts ?? 1)}
            options={MONTH_DAYS}
            onChange={(value) => change({ month_starts: value === "1" ? undefined : Number(value) })}
          />
          at
        </>
      )}
      {window === "current_1d" && "A day begins at"}
      <input
        type="time"
        className="input inline"
        aria-label="Time at which a day begins"
        value={begins.day_starts ?? "00:00"}
        onChange={({ target }) =>
          change({ day_starts: target.value === "" || target.value === "00:00" ? undefined : target.value })
        }
      />
      <ZoneSelect
        value={begins.timezone ?? "UTC"}
        onChange={(zone) => change({ timezone: zone === "UTC" ? undefined : zone })}
      />
    </p>
  );
}
