import { useState } from "react";
import type { MonitorPicture, Thresholds, Transition } from "../api/monitorModel";
import type { Span } from "../time/range";
import { SkeletonChart } from "../ui/States";
import { LinesChart } from "./LinesChart";
import type { PlotArea } from "./plotArea";
import { StateBands } from "./StateBands";
import type { ThresholdName } from "./thresholds";

interface Props {
  title: string;
  picture: MonitorPicture | undefined;
  busy: boolean;
  span: Span;
  thresholds: Thresholds;
  comparator: string;
  /** Changes of state, drawn as ticks. */
  transitions?: Transition[];
  /** The window that was measured, shaded. */
  window?: Span;
  /** Set: thresholds have grips. */
  onThreshold?: (name: ThresholdName, value: number) => void;
  /** Told where the plot lies, so that a time line under it shares its axis. */
  onArea?: (area: PlotArea) => void;
  /** Drags zoom the page's range, unless the chart has a range of its own. */
  onZoom?: (fromMs: number, toMs: number) => void;
}

const NO_THRESHOLDS: Thresholds = {};

/**
 * What a monitor compares with its thresholds, as it went on; or, of composites and checks, the states that it judges.
 * What it was worked out of is one click away.
 */
export function MonitorChart({ picture, busy, title, span, thresholds, onThreshold, ...rest }: Props) {
  const [raw, setRaw] = useState(false);
  const hasRaw = (picture?.raw.length ?? 0) > 0;
  const compared = picture?.compared ?? false;
  return (
    <div className="chart-panel monitor-chart" data-loading={busy || undefined}>
      {busy && picture && <div className="progress" aria-hidden="true" />}
      {picture && picture.caption !== "" && (
        <p className="picture-caption dim">
          <span className="cut">{raw ? "The series itself" : picture.caption}</span>
          {hasRaw && (
            <button type="button" className="link" aria-pressed={raw} onClick={() => setRaw(!raw)}>
              {raw ? "what is compared" : "the series itself"}
            </button>
          )}
        </p>
      )}
      {!picture && <SkeletonChart />}
      {picture && picture.states.length > 0 && (
        <StateBands title={title} rows={picture.states} span={span} window={rest.window} />
      )}
      {picture && picture.states.length === 0 && (
        <LinesChart
          key={raw ? "raw" : "compared"}
          {...{ ...rest, title, span }}
          results={raw ? picture.raw : picture.results}
          thresholds={compared && !raw ? thresholds : NO_THRESHOLDS}
          onThreshold={compared && !raw ? onThreshold : undefined}
        />
      )}
    </div>
  );
}
