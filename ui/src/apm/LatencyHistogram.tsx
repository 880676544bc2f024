import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { nsText } from "../trace/scale";
import { formatCount } from "../format/units";
import { bucketsBetween, placeOf, timeAtPlace, trimmed, type Distribution } from "./distribution";

export interface Range {
  minNs: number;
  maxNs: number;
}

interface Props {
  distribution: Distribution;
  chosen: Range | null;
  onChoose: (range: Range | null) => void;
}

const MARKS: [string, number][] = [
  ["p50", 0.5],
  ["p75", 0.75],
  ["p95", 0.95],
  ["p99", 0.99],
];
const LABELS = 8;
const LABEL_APART = 0.07;

/** How long requests took: a click or a drag over the bars chooses those whose traces are listed. */
export function LatencyHistogram({ distribution, chosen, onChoose }: Props) {
  const { bounds_ns: bounds, counts, errors } = useMemo(() => trimmed(distribution), [distribution]);
  const root = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const [key, setKey] = useState<number | null>(null);
  const top = Math.max(1, ...counts);
  const placeAt = (event: PointerEvent) => {
    const box = root.current!.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * counts.length;
  };
  const choose = (low: number, high: number) => onChoose({ minNs: bounds[low], maxNs: bounds[high + 1] });
  const [low, high] = drag
    ? bucketsBetween(drag.from, drag.to, counts.length)
    : key !== null
      ? [key, key]
      : [
          chosen ? bounds.findIndex((bound) => bound >= chosen.minNs * 0.999) : -1,
          chosen ? bounds.findLastIndex((bound) => bound <= chosen.maxNs * 1.001) - 1 : -1,
        ];
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) setKey(Math.max(0, Math.min(counts.length - 1, (key ?? -1) + step)));
    else if (event.key === "Enter" && key !== null) choose(key, key);
    else if (event.key === "Escape") onChoose(null);
    else return;
    event.preventDefault();
  };
  const step = Math.max(1, Math.ceil(counts.length / LABELS));
  return (
    <div className="distribution">
      <div
        ref={root}
        className="distribution-bars"
        role="group"
        tabIndex={0}
        aria-label={`Distribution of durations; arrows choose a bucket, Enter lists its traces${key === null ? "" : `: ${nsText(bounds[key])} to ${nsText(bounds[key + 1])}, ${counts[key]} requests`}`}
        onKeyDown={onKey}
        onBlur={() => setKey(null)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: placeAt(event), to: placeAt(event) });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: placeAt(event) })}
        onPointerUp={() => {
          if (drag) choose(...bucketsBetween(drag.from, drag.to, counts.length));
          setDrag(null);
        }}
      >
        {counts.map((count, bucket) => (
          <div
            key={bounds[bucket]}
            className={low >= 0 && (bucket < low || bucket > high) ? "bucket off" : "bucket"}
            title={`${nsText(bounds[bucket])} to ${nsText(bounds[bucket + 1])}: ${formatCount(count)} requests${errors[bucket] ? `, ${formatCount(errors[bucket])} failed` : ""}`}
          >
            <div className="bucket-bar" style={{ height: `${barShare(count, top)}%` }}>
              {errors[bucket] > 0 && (
                <div className="bucket-errors" style={{ height: `${Math.max(3, (errors[bucket] / count) * 100)}%` }} />
              )}
            </div>
          </div>
        ))}
        <Percentiles counts={counts} bounds={bounds} />
      </div>
      <div className="distribution-axis" aria-hidden="true">
        {bounds.map(
          (bound, at) =>
            at % step === 0 &&
            at < bounds.length - step / 2 && (
              <span key={bound} style={{ left: `${(at / counts.length) * 100}%` }}>
                {nsText(bound)}
              </span>
            ),
        )}
      </div>
    </div>
  );
}

/** The square root lets a few slow ones be seen beside thousands of fast ones. */
const barShare = (count: number, top: number) => (count === 0 ? 0 : Math.max(1.5, Math.sqrt(count / top) * 92));

function Percentiles({ counts, bounds }: { counts: number[]; bounds: number[] }) {
  let before = -1;
  return MARKS.map(([name, share]) => {
    const place = placeOf(counts, share);
    const left = place / counts.length;
    const crowded = left - before < LABEL_APART;
    if (!crowded) before = left;
    return (
      <div key={name} className="percentile" style={{ left: `${left * 100}%` }}>
        {!crowded && <span>{`${name} ${nsText(timeAtPlace(bounds, place))}`}</span>}
      </div>
    );
  });
}
