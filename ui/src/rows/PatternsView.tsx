import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { patterns, type Pattern, type Scope } from "../api/rows";
import { useTheme } from "../app/theme";
import { formatCount } from "../format/units";
import { Failed, SkeletonRows, Empty } from "../ui/States";
import { patternQuery } from "./patternQuery";
import { severity, statusColour } from "./status";

interface Props {
  scope: Scope;
  onQuery: (query: string) => void;
}

/** What the lines have in common: how many of each kind, with the parts that differ marked. */
export function PatternsView({ scope, onQuery }: Props) {
  const answer = useQuery(patterns(scope));
  const { data, isPending, isError, error, refetch } = answer;
  const most = useMemo(() => Math.max(1, ...(data?.patterns ?? []).map(({ count }) => count)), [data]);
  if (isPending) return <SkeletonRows rows={12} />;
  if (isError) return <Failed error={error} retry={() => void refetch()} what="The patterns cannot be found" />;
  if (data.error) return null;
  if (data.patterns.length === 0) return <Empty title="No lines to compare">Widen the range or the search.</Empty>;
  return (
    <div className="patterns">
      <p className="dim patterns-note">
        {`${formatCount(data.patterns.length)} patterns in ${
          data.sampled < data.total
            ? `the ${formatCount(data.sampled)} newest of ${formatCount(data.total)} lines`
            : `${formatCount(data.total)} lines`
        }. Click one to see its lines.`}
      </p>
      <ol className="pattern-rows" aria-label="Patterns">
        {data.patterns.map((pattern) => (
          <li key={pattern.pattern}>
            <button
              type="button"
              className="pattern"
              aria-label={`${pattern.count} lines: ${pattern.pattern}`}
              onClick={() => onQuery(patternQuery(scope.query, pattern))}
            >
              <span className="pattern-count num">{formatCount(pattern.count)}</span>
              <Bar pattern={pattern} share={pattern.count / most} />
              <span className="pattern-text">
                <Parts pattern={pattern} />
              </span>
              <span className="pattern-services dim cut">{pattern.services.join(", ")}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Bar({ pattern, share }: { pattern: Pattern; share: number }) {
  const theme = useTheme();
  const parts = Object.entries(pattern.status).sort(([a], [b]) => severity(a) - severity(b));
  return (
    <span className="pattern-bar" aria-hidden="true">
      <span style={{ width: `${Math.max(2, share * 100)}%` }}>
        {parts.map(([status, count]) => (
          <span
            key={status}
            title={`${status}: ${count}`}
            style={{ flexGrow: count, background: statusColour(status, theme) ?? "var(--faint)" }}
          />
        ))}
      </span>
    </span>
  );
}

function Parts({ pattern }: { pattern: Pattern }) {
  if (pattern.parts.length === 0) return <>{pattern.pattern}</>;
  return pattern.parts.map((part, index) =>
    part.text !== undefined ? (
      <span key={index}>{part.text}</span>
    ) : (
      <span key={index} className="hole" title={[...new Set(part.examples)].join("\n")}>
        {part.examples?.[0] ?? part.kind}
      </span>
    ),
  );
}
