import { useCallback } from "react";
import { useLocation } from "react-router";
import { useServiceMap, useServices } from "../api/services";
import { keepingRange, serviceLink } from "../apm/links";
import { Picker } from "../apm/Pickers";
import { TraceSetup } from "../apm/TraceSetup";
import { MapView } from "../map/MapView";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { SearchField } from "../ui/SearchField";
import { Failed, SkeletonChart } from "../ui/States";

export function ServiceMap() {
  const { span } = usePageRange();
  const { search: here } = useLocation();
  const [env, setEnv] = useParam("env", false);
  const [focus, setFocus] = useParam("focus", false);
  const [search, setSearch] = useParam("search");
  const answer = useServiceMap(env, span.fromMs, span.toMs);
  const envs = useServices("", span.fromMs, span.toMs).data?.envs ?? [];
  const link = useCallback((service: string) => keepingRange(serviceLink(service, { env }), here), [env, here]);
  const { data } = answer;
  return (
    <>
      <PageHead
        title="Service map"
        aside={
          data && <span className="badge">{`${data.nodes.length} services · ${data.edges.length} connections`}</span>
        }
      >
        <SearchField label="Find a service" value={search} onChange={setSearch} />
        <Picker name="env" value={env} options={envs} onPick={setEnv} all="all" />
        <Picker
          name="around"
          value={focus}
          options={(data?.nodes ?? []).map(({ service }) => service).sort()}
          onPick={setFocus}
          all="all"
        />
        <TimePicker />
      </PageHead>
      <div className="page-body fill map-page">
        {answer.isPending && <SkeletonChart />}
        {answer.isError && !data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="The map cannot be drawn" />
        )}
        {data?.nodes.length === 0 && <TraceSetup title="No service has sent a trace in this range" />}
        {data && data.nodes.length > 0 && <MapView map={data} link={link} focus={focus} search={search} />}
      </div>
    </>
  );
}
