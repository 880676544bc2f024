import type { UseQueryResult } from "@tanstack/react-query";
import type { Answers } from "../../api/query";
import { ChartFailed, QueryProblems } from "../../chart/ChartStates";
import { SkeletonChart } from "../../ui/States";
import type { Figure } from "./scalars";

/** What a widget of figures shows while it has none; null when there are some. */
export function FigureStates({ answer, figures }: { answer: UseQueryResult<Answers>; figures: Figure[] | null }) {
  if (answer.isError && !figures) return <ChartFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (!figures) return <SkeletonChart />;
  const problems = figures.map(({ result }) => result).filter(({ error }) => error !== null);
  if (problems.length > 0) return <QueryProblems problems={problems} />;
  if (figures.every(({ result }) => result.series.length === 0)) {
    return (
      <div className="chart-state">
        <p className="dim">No data in this range</p>
      </div>
    );
  }
  return null;
}
