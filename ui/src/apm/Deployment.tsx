import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { serviceOptions, servicesOptions, type ServiceEntry } from "../api/services";
import { spanText } from "../time/range";
import { stamp } from "../format/clock";
import { IconButton } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { changesOf, sidesOf, type ResourceChange } from "./deploy";
import { changeOf, ChangeText, msText, percentText, rateText } from "./figures";

interface Props {
  service: string;
  operation: string;
  env: string;
  atMs: number;
  nowMs: number;
  title: string;
  link: (resource: string) => string;
  onClose: () => void;
}

const RESOURCES_SHOWN = 8;

/** A moment's two sides: the service's figures, then the resources that changed most. */
export function Deployment({ service, operation, env, atMs, nowMs, title, link, onClose }: Props) {
  const { before, after } = sidesOf(atMs, nowMs);
  // Of a moment that has just passed the right side still grows: it is asked again as the page moves.
  const end = Math.min(after.toMs, nowMs);
  const left = useQuery(servicesOptions(env, before.fromMs, before.toMs));
  const right = useQuery(servicesOptions(env, after.fromMs, end));
  const scope = { env, operation };
  const leftRows = useQuery(serviceOptions(service, scope, before.fromMs, before.toMs));
  const rightRows = useQuery(serviceOptions(service, scope, after.fromMs, end));
  const failed = left.error ?? right.error;
  const pick = (all: ServiceEntry[] | undefined) =>
    all?.find((row) => row.name === service && row.operation === operation) ??
    all?.find((row) => row.name === service) ??
    null;
  const ready = left.data && right.data;
  const changes = leftRows.data && rightRows.data ? changesOf(leftRows.data.resources, rightRows.data.resources) : [];
  return (
    <section className="card deployment" aria-label="Before and after">
      <header className="card-head">
        <h2 className="grow cut">
          {title}{" "}
          <span className="dim">{`${stamp(atMs)} · ${spanText(Math.round(length(before) / 60_000) * 60_000)} on each side`}</span>
        </h2>
        <IconButton icon="close" label="Close the comparison" onClick={onClose} />
      </header>
      {failed && <Failed error={failed} what="The two sides cannot be compared" />}
      {!failed && !ready && <SkeletonRows rows={4} />}
      {ready && (
        <div className="deployment-parts">
          <Figures before={pick(left.data.services)} after={pick(right.data.services)} />
          <Changes changes={changes} link={link} />
        </div>
      )}
    </section>
  );
}

const length = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => toMs - fromMs;

type Figure = [
  string,
  (row: ServiceEntry) => number | null,
  (value: number | null) => string,
  "worse" | "better" | "neither",
];

const FIGURES: Figure[] = [
  ["Requests", (row) => row.hits_per_s, rateText, "neither"],
  ["Errors", (row) => row.errors, (value) => (value === null ? "–" : value.toLocaleString("en-US")), "neither"],
  ["Error rate", (row) => row.error_rate, percentText, "worse"],
  ["p50", (row) => row.p50_ms, msText, "worse"],
  ["p95", (row) => row.p95_ms, msText, "worse"],
  ["p99", (row) => row.p99_ms, msText, "worse"],
  ["Apdex", (row) => row.apdex, (value) => value?.toFixed(2) ?? "–", "better"],
];

function Figures({ before, after }: { before: ServiceEntry | null; after: ServiceEntry | null }) {
  if (!before && !after) return <p className="dim">No request on either side.</p>;
  return (
    <table className="table tight compare" aria-label="Figures before and after">
      <thead>
        <tr>
          <th />
          <th className="num">Before</th>
          <th className="num">After</th>
          <th className="num">Change</th>
        </tr>
      </thead>
      <tbody>
        {FIGURES.map(([name, of, text, moreIs]) => {
          const old = before ? of(before) : null;
          const now = after ? of(after) : null;
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="num">{text(old)}</td>
              <td className="num">{text(now)}</td>
              <td className="num">
                <ChangeText change={changeOf(old, now, moreIs)} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Changes({ changes, link }: { changes: ResourceChange[]; link: (resource: string) => string }) {
  if (changes.length === 0) return <p className="dim">No resource on either side.</p>;
  return (
    <table className="table tight" aria-label="Resources that changed most">
      <thead>
        <tr>
          <th>Resources that changed most</th>
          <th className="num">p95 before</th>
          <th className="num">after</th>
          <th />
          <th className="num">Errors before</th>
          <th className="num">after</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {changes.slice(0, RESOURCES_SHOWN).map(({ resource, before, after }) => (
          <tr key={resource}>
            <td className="cut-cell">
              <Link className="mono" to={link(resource)} title={resource}>
                {resource}
              </Link>
              {!before && <span className="badge accent">new</span>}
              {!after && <span className="badge">gone</span>}
            </td>
            <td className="num">{msText(before?.p95_ms)}</td>
            <td className="num">{msText(after?.p95_ms)}</td>
            <td className="num">
              <ChangeText change={changeOf(before?.p95_ms ?? null, after?.p95_ms ?? null, "worse")} />
            </td>
            <td className="num">{percentText(before?.error_rate)}</td>
            <td className="num">{percentText(after?.error_rate)}</td>
            <td className="num">
              <ChangeText change={changeOf(before?.error_rate ?? null, after?.error_rate ?? null, "worse")} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
