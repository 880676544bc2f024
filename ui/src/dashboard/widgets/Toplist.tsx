import { Link, useSearchParams } from "react-router";
import type { QuerySeries } from "../../api/query";
import { formatValue } from "../../format/units";
import { paintOf } from "../formats";
import type { Definition } from "../model";
import { FigureStates } from "./FigureStates";
import { sorted, useFigures, valueOf, type Figure } from "./scalars";

const ROWS_MAX = 100;

export function TopWidget({ definition }: { definition: Definition }) {
  const { root, answer, figures } = useFigures(definition);
  const state = FigureStates({ answer, figures });
  return (
    <div ref={root} className="figure-root">
      {state ?? <Rows figures={figures!} />}
    </div>
  );
}

function Rows({ figures }: { figures: Figure[] }) {
  const rows = figures
    .flatMap(({ column, result }) =>
      sorted(result.series, column).map((series) => ({ series, column, value: valueOf(series, column) })),
    )
    .slice(0, ROWS_MAX);
  const most = Math.max(0, ...rows.map(({ value }) => Math.abs(value ?? 0)));
  return (
    <ol className="top-rows">
      {rows.map(({ series, column, value }, index) => {
        const paint = paintOf(value, column.formats);
        return (
          <li key={`${series.scope}-${index}`}>
            <span
              className="top-bar"
              style={{
                width: `${most > 0 ? (Math.abs(value ?? 0) / most) * 100 : 0}%`,
                background: paint.background ?? paint.colour,
              }}
            />
            <span className="top-name cut">
              <SeriesName series={series} />
            </span>
            <span className="top-value" style={{ color: paint.background ? undefined : paint.colour }}>
              {formatValue(value, series.unit)}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** A host leads to its page. */
export function SeriesName({ series }: { series: QuerySeries }) {
  const [params] = useSearchParams();
  const host = series.group.find(([key]) => key === "host")?.[1];
  const text = series.group.map(([, value]) => value || "none").join(", ") || series.name;
  const range = params.get("range");
  if (!host) return <>{text}</>;
  return <Link to={`/hosts/${encodeURIComponent(host)}${range ? `?range=${range}` : ""}`}>{text}</Link>;
}
