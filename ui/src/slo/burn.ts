/** The pair of burn-rate monitors that an objective starts with. */
import type { NewMonitor, Slo, Timeframe } from "../api/slos";

export interface Burn {
  name: string;
  long: string;
  short: string;
  rate: number;
  /** What it means, for a budget of 30 days. */
  text: string;
}

/** 14.4 burns 2 % of a 30-day budget in one hour, 6 burns 5 % in six. */
export const PAIR: Burn[] = [
  {
    name: "fast burn",
    long: "1h",
    short: "5m",
    rate: 14.4,
    text: "2 % of a 30-day budget in an hour: somebody should get up",
  },
  {
    name: "slow burn",
    long: "6h",
    short: "30m",
    rate: 6,
    text: "5 % of a 30-day budget in six hours: it should not wait for Monday",
  },
];

export function burnQuery(id: string, timeframe: Timeframe, { long, short, rate }: Burn): string {
  return `burn_rate("${id}").over("${timeframe}").long_window("${long}").short_window("${short}") > ${rate}`;
}

export function burnMonitor(slo: Slo, timeframe: Timeframe, burn: Burn, to: string): NewMonitor {
  const lines = [
    `{{#is_alert}}${slo.name} burns its error budget {{value}} times as fast as it may (over ${burn.long} and ${burn.short}).{{/is_alert}}`,
    `{{#is_recovery}}${slo.name} no longer burns too fast.{{/is_recovery}}`,
    ...(to.trim() ? [to.trim()] : []),
  ];
  return {
    type: "slo alert",
    name: `${slo.name}: ${burn.name}`,
    query: burnQuery(slo.id ?? "", timeframe, burn),
    message: lines.join("\n"),
    tags: slo.tags ?? [],
    options: { thresholds: { critical: burn.rate }, include_tags: true },
  };
}
