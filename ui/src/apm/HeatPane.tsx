import type { UseQueryResult } from "@tanstack/react-query";
import type { HeatmapAnswer, Selection } from "../api/rows";
import { SkeletonChart } from "../ui/States";
import { HeatMap } from "./HeatMap";

interface Props {
  answer: UseQueryResult<HeatmapAnswer>;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
}

/** The heat map with its states; one that has nothing to show takes no room. */
export function HeatPane({ answer, selection, onSelect }: Props) {
  const { data } = answer;
  if (answer.isError && !data) return <p className="form-error pad">{answer.error.message}</p>;
  if (data?.error || (data && data.times.length === 0)) return null;
  return (
    <div className="heat-pane" data-loading={answer.isFetching || undefined}>
      {answer.isFetching && data && <div className="progress" aria-hidden="true" />}
      {data ? <HeatMap heat={data} selection={selection} onSelect={onSelect} /> : <SkeletonChart />}
      {data && !selection && <p className="heat-hint dim">Drag over slow or red cells to see what is different</p>}
    </div>
  );
}
