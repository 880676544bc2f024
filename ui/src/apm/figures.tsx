/** Figures of services in the one form that all tables share. */
import type { Unit } from "../api/query";
import { formatValue } from "../format/units";

const MS: Unit = { family: "time", name: "millisecond", short_name: "ms", scale_factor: 0.001 };

export const msText = (ms: number | null | undefined) => formatValue(ms, MS);

export const rateText = (perS: number | null | undefined) =>
  perS === null || perS === undefined ? "–" : perS > 0 && perS < 0.01 ? "<0.01/s" : `${formatValue(perS, null)}/s`;

export const percentText = (share: number | null | undefined) => {
  if (share === null || share === undefined || Number.isNaN(share)) return "–";
  const percent = share * 100;
  if (percent === 0) return "0 %";
  return percent < 0.01 ? "<0.01 %" : `${percent.toFixed(percent < 1 ? 2 : percent < 10 ? 1 : 0)} %`;
};

/** From these shares of errors on a row is amber, then red. */
const WARN_FROM = 0.01;
const BAD_FROM = 0.05;

export const errorTone = (share: number) => (share >= BAD_FROM ? "bad" : share >= WARN_FROM ? "warn" : "");

export function ErrorRate({ share, errors }: { share: number; errors?: number }) {
  return (
    <span
      className={`error-rate ${errorTone(share)}`}
      title={errors === undefined ? undefined : `${errors.toLocaleString("en-US")} errors`}
    >
      {percentText(share)}
    </span>
  );
}

/** 0.94 and up are satisfied users, under 0.7 many are not, as the Apdex standard rates it. */
export function Apdex({ value }: { value: number | null }) {
  if (value === null) return <span className="dim">–</span>;
  return <span className={`apdex ${value < 0.7 ? "bad" : value < 0.85 ? "warn" : ""}`}>{value.toFixed(2)}</span>;
}

export interface Change {
  text: string;
  tone: "" | "bad" | "ok";
}

/** Less than this is noise. */
const STILL = 0.05;

/** How a figure changed; for most, more is worse. */
export function changeOf(before: number | null, after: number | null, moreIs: "worse" | "better" | "neither"): Change {
  if (before === null || after === null) return { text: "–", tone: "" };
  if (before === after) return { text: "same", tone: "" };
  if (before === 0) return { text: "new", tone: moreIs === "worse" ? "bad" : "" };
  const share = (after - before) / before;
  const text = `${share > 0 ? "+" : "−"}${Math.abs(share) >= 10 ? `${Math.round(Math.abs(share) + (share > 0 ? 1 : 0))}×` : `${Math.round(Math.abs(share) * 100)} %`}`;
  if (Math.abs(share) < STILL || moreIs === "neither") return { text, tone: "" };
  return { text, tone: share > 0 === (moreIs === "worse") ? "bad" : "ok" };
}

export function ChangeText({ change }: { change: Change }) {
  return <span className={`change ${change.tone}`}>{change.text}</span>;
}
