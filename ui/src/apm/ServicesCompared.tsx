import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { servicesOptions, type ServiceEntry } from "../api/services";
import { stamp } from "../format/clock";
import { spanText } from "../time/range";
import { IconButton } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { sidesOf } from "./deploy";
import { changeOf, ChangeText, msText, percentText } from "./figures";
import { serviceLink } from "./links";

const SHOWN_MAX = 10;
/** A failed request weighs as much as a second that somebody waited longer. */
const ERROR_WEIGHS_MS = 1_000;

interface Props {
  rows: ServiceEntry[];
  env: string;
  atMs: number;
  nowMs: number;
  onClose: () => void;
}

/** Before and after an event that names no service: the services that it changed most. */
export function ServicesCompared({ rows, env, atMs, nowMs, onClose }: Props) {
  const { before, after } = sidesOf(atMs, nowMs);
  const left = useQuery(servicesOptions(env, before.fromMs, before.toMs));
  const right = useQuery(servicesOptions(env, after.fromMs, Math.min(after.toMs, nowMs)));
  const changes = useMemo(
    () => changed(left.data?.services ?? [], right.data?.services ?? [], rows).slice(0, SHOWN_MAX),
    [left.data, right.data, rows],
  );
  const length = spanText(Math.round((before.toMs - before.fromMs) / 60_000) * 60_000);
  const failed = left.error ?? right.error;
  return (
    <section className="card deployment compared" aria-label="Before and after">
      <header className="card-head">
        <h2 className="grow">
          Before and after <span className="dim">{`${stamp(atMs)} · ${length} on each side`}</span>
        </h2>
        <IconButton icon="close" label="Close the comparison" onClick={onClose} />
      </header>
      {failed && <Failed error={failed} what="The two sides cannot be compared" />}
      {!failed && !(left.data && right.data) && <SkeletonRows rows={3} />}
      {left.data && right.data && (
        <table className="table tight" aria-label="Services before and after">
          <thead>
            <tr>
              <th>Services that changed most</th>
              <th className="num">Error rate before</th>
              <th className="num">after</th>
              <th />
              <th className="num">p50 before</th>
              <th className="num">after</th>
              <th />
              <th className="num">p95 before</th>
              <th className="num">after</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {changes.map(({ was, now }) => (
              <tr key={`${now.name}|${now.operation}`}>
                <td>
                  <Link
                    to={serviceLink(
                      now.name,
                      { env, operation: now.operation, deploy: String(atMs) },
                      { fromMs: before.fromMs, toMs: after.toMs },
                    )}
                  >
                    {now.name}
                  </Link>
                </td>
                <Sides before={was.error_rate} after={now.error_rate} text={percentText} />
                <Sides before={was.p50_ms} after={now.p50_ms} text={msText} />
                <Sides before={was.p95_ms} after={now.p95_ms} text={msText} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface SidesProps {
  before: number | null;
  after: number | null;
  text: (value: number | null) => string;
}

function Sides({ before, after, text }: SidesProps) {
  return (
    <>
      <td className="num">{text(before)}</td>
      <td className="num">{text(after)}</td>
      <td className="num">
        <ChangeText change={changeOf(before, after, "worse")} />
      </td>
    </>
  );
}

function changed(before: ServiceEntry[], after: ServiceEntry[], shown: ServiceEntry[]) {
  const key = ({ name, operation }: ServiceEntry) => `${name}|${operation}`;
  const wanted = new Set(shown.map(key));
  const old = new Map(before.map((row) => [key(row), row]));
  return after
    .filter((row) => wanted.has(key(row)) && old.has(key(row)))
    .map((now) => ({ now, was: old.get(key(now))! }))
    .map((pair) => ({ ...pair, weight: weightOf(pair.was, pair.now) }))
    .sort((a, b) => b.weight - a.weight);
}

function weightOf(was: ServiceEntry, now: ServiceEntry): number {
  const slower = Math.abs((now.p95_ms ?? 0) - (was.p95_ms ?? 0));
  return (slower + Math.abs(now.error_rate - was.error_rate) * ERROR_WEIGHS_MS) * now.hits;
}
