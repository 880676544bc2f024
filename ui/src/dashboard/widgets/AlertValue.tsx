import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { monitorValue } from "../../api/monitorWidgets";
import { ChartFailed } from "../../chart/ChartStates";
import { shown } from "../../format/units";
import { StatusMark } from "../../monitors/StatusMark";
import { toneOfStatus } from "../../monitors/status";
import { SkeletonChart } from "../../ui/States";
import { text } from "../alertWidgets";
import type { Definition } from "../model";

/** What a monitor measured last, in the colour of its status. */
export function AlertValueWidget({ definition }: { definition: Definition }) {
  const id = text(definition.alert_id);
  const answer = useQuery(monitorValue(id));
  const { data } = answer;
  if (id === "") return <p className="chart-state dim">No monitor is chosen.</p>;
  if (answer.isError && !data) return <ChartFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (!data) return <SkeletonChart />;
  const own = text(definition.unit);
  const unit = own === "" || own === "auto" ? data.unit : null;
  const { number, suffix } =
    data.value === null
      ? { number: "–", suffix: "" }
      : shown(data.value, unit, { precision: definition.precision, autoscale: own === "" || own === "auto" });
  const after = unit === null && own !== "auto" ? `${suffix} ${own}` : suffix;
  return (
    <Link
      to={`/monitors/${id}`}
      className={`big alert-value ${text(definition.text_align) || "left"}`}
      aria-label={`${definition.title || data.name || `Monitor ${id}`}: ${number} ${after}, ${data.status}`}
    >
      <p className={`big-value tone-${toneOfStatus(data.status)}`}>
        <span data-value={data.value ?? ""}>{number}</span>
        <small>{after.trim()}</small>
      </p>
      <p className="alert-value-foot">
        <StatusMark status={data.status} />
        <span className="dim cut">{data.group}</span>
      </p>
    </Link>
  );
}
