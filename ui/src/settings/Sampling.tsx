import type { TailSampling } from "../api/retention";
import { Switch } from "../ui/Switch";

const HOUR = 3_600_000;
const FRESH: TailSampling = { keep: 0.1, after_ms: 24 * HOUR, slow_quantile: 0.95 };

interface Props {
  value: TailSampling | null;
  onChange: (value: TailSampling | null) => void;
}

const percent = (share: number) => String(Number((share * 100).toFixed(3)));

/** Old traces thinned out, but those that somebody may come back for. */
export function Sampling({ value, onChange }: Props) {
  const set = (part: Partial<TailSampling>) => value && onChange({ ...value, ...part });
  const number = (text: string, low: number, high: number) => {
    const read = Number(text);
    return Number.isFinite(read) && text !== "" ? Math.min(high, Math.max(low, read)) : null;
  };
  return (
    <div className="sampling">
      <h3>
        <Switch checked={value !== null} label="Tail sampling" onChange={(on) => onChange(on ? FRESH : null)} /> Tail
        sampling of traces
      </h3>
      <p className="dim hint">
        Traces with an error, slow ones, rare shapes and those that somebody has looked at stay whole; of the rest a
        share stays when files are merged. Counts and rates stay right: what stays bears the weight of what went. Trace
        metrics are counted before.
      </p>
      {value && (
        <div className="editor-row">
          <label className="field small">
            <span>Of the rest stays, %</span>
            <input
              type="number"
              min={0}
              max={100}
              step="any"
              defaultValue={percent(value.keep)}
              onChange={(event) => {
                const share = number(event.target.value, 0, 100);
                if (share !== null) set({ keep: share / 100 });
              }}
            />
          </label>
          <label className="field small">
            <span>After hours</span>
            <input
              type="number"
              min={0}
              step="any"
              defaultValue={value.after_ms / HOUR}
              onChange={(event) => {
                const hours = number(event.target.value, 0, 100_000);
                if (hours !== null) set({ after_ms: Math.round(hours * HOUR) });
              }}
            />
          </label>
          <label className="field small">
            <span>Slow is above p…</span>
            <input
              type="number"
              min={50}
              max={100}
              step="any"
              defaultValue={percent(value.slow_quantile)}
              onChange={(event) => {
                const quantile = number(event.target.value, 0, 100);
                if (quantile !== null) set({ slow_quantile: quantile / 100 });
              }}
            />
          </label>
        </div>
      )}
    </div>
  );
}
