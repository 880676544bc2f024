import { useCallback } from "react";
import { useLocation } from "react-router";
import { useServiceMap } from "../../api/services";
import { keepingRange, serviceLink } from "../../apm/links";
import { MapView } from "../../map/MapView";
import { part } from "../../map/layout";
import { usePageRange } from "../../time/page";
import { SkeletonChart } from "../../ui/States";
import { useBoard } from "../context";
import type { Definition } from "../model";

/** The map around one service, as Datadog's widget has it: `filters` give the env, `service` the middle. */
export function ServiceMapWidget({ definition }: { definition: Definition }) {
  const { fill } = useBoard();
  const { span } = usePageRange();
  const { search } = useLocation();
  const filters = Array.isArray(definition.filters) ? definition.filters.map((each) => fill(String(each))) : [];
  const env = filters.find((each) => each.startsWith("env:"))?.slice(4) ?? "";
  const service = typeof definition.service === "string" ? fill(definition.service).replace(/^service:/, "") : "";
  const answer = useServiceMap(env === "*" ? "" : env, span.fromMs, span.toMs);
  const link = useCallback((name: string) => keepingRange(serviceLink(name, { env }), search), [env, search]);
  if (answer.isError && !answer.data)
    return (
      <p className="chart-state" role="alert">
        {answer.error.message}
      </p>
    );
  if (!answer.data) return <SkeletonChart />;
  const shown = service === "" || service === "*" ? answer.data : part(answer.data, service);
  if (shown.nodes.length === 0)
    return (
      <p className="chart-state dim">
        {service ? `${service} was not seen in this range.` : "No service was seen in this range."}
      </p>
    );
  return <MapView map={shown} link={link} focus={service} still />;
}
