import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { useLocation, useNavigate } from "react-router";
import { frames, type QuerySpec, type Values } from "../api/query";
import { useServices, type ServiceEntry } from "../api/services";
import { keepingRange, serviceLink } from "../apm/links";
import { hitsQuery } from "../apm/metrics";
import { Picker } from "../apm/Pickers";
import { serviceColumns } from "../apm/serviceColumns";
import { ServicesCompared } from "../apm/ServicesCompared";
import { TraceSetup } from "../apm/TraceSetup";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { SearchField } from "../ui/SearchField";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { VirtualTable } from "../ui/VirtualTable";

export function Services() {
  const navigate = useNavigate();
  const { search: here } = useLocation();
  const { span, nowMs } = usePageRange();
  const [env, setEnv] = useParam("env", false);
  const [version, setVersion] = useParam("version", false);
  const [search, setSearch] = useParam("search");
  const [sort, setSort] = useParam("sort");
  const [deploy, setDeploy] = useParam("deploy", false);
  const atMs = Number(deploy) || null;
  const text = useDeferredValue(search.toLowerCase());
  const answer = useServices(env, span.fromMs, span.toMs);
  const all = answer.data?.services;
  const rows = useMemo(() => (all ?? []).filter((row) => matches(row, text, version)), [all, text, version]);
  const sparks = useSparks(all, env, span.fromMs, span.toMs);
  const link = useMemo(
    () => (row: ServiceEntry) =>
      keepingRange(serviceLink(row.name, { env, operation: row.operation, version: version || undefined }), here),
    [env, version, here],
  );
  const columns = useMemo(() => serviceColumns(sparks, nowMs, link), [sparks, nowMs, link]);
  const versions = useMemo(() => [...new Set((all ?? []).flatMap((row) => row.versions))].sort().reverse(), [all]);
  return (
    <>
      <PageHead title="Services" aside={all && <span className="badge">{all.length}</span>}>
        <TimePicker />
      </PageHead>
      <div className="page-body fill">
        <div className="apm-bar">
          <SearchField label="Filter services" value={search} onChange={setSearch} />
          <Picker name="env" value={env} options={answer.data?.envs ?? []} onPick={setEnv} all="all" />
          <Picker name="version" value={version} options={versions.slice(0, 40)} onPick={setVersion} all="all" />
          {answer.isFetching && all && <span className="dim only-slow">Loading</span>}
        </div>
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !all && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Services cannot be listed" />
        )}
        {all?.length === 0 && <TraceSetup title="No service has sent a trace in this range" />}
        {all && all.length > 0 && rows.length === 0 && (
          <Empty title="No service matches">Parts of names and types are found; all words must match.</Empty>
        )}
        {rows.length > 0 && atMs !== null && (
          <ServicesCompared rows={rows} env={env} atMs={atMs} nowMs={nowMs} onClose={() => setDeploy("")} />
        )}
        {rows.length > 0 && (
          <VirtualTable
            label="Services"
            rows={rows}
            columns={columns}
            idOf={(row) => `${row.name}|${row.operation}`}
            onOpen={(row) => void navigate(link(row))}
            sort={readSort(sort)}
            onSort={(next) => setSort(next.map(({ id, desc }) => (desc ? `-${id}` : id)).join(","))}
            rowPx={36}
          />
        )}
      </div>
    </>
  );
}

const readSort = (text: string) =>
  (text || "-rate")
    .split(",")
    .filter(Boolean)
    .map((part) => ({ id: part.replace(/^-/, ""), desc: part.startsWith("-") }));

function matches({ name, type, versions }: ServiceEntry, text: string, version: string): boolean {
  if (version !== "" && !versions.includes(version)) return false;
  return text.split(/\s+/).every((word) => `${name} ${type}`.toLowerCase().includes(word));
}

/** One query an operation, all in one request; a service's line is found by its name. */
function useSparks(services: ServiceEntry[] | undefined, env: string, fromMs: number, toMs: number) {
  const operations = useMemo(() => [...new Set((services ?? []).map(({ operation }) => operation))].sort(), [services]);
  const specs = useMemo(
    () =>
      operations.filter(Boolean).map((operation): QuerySpec => ({
        display: "bar",
        queries: [{ name: "a", query: hitsQuery(operation, { env }) }],
      })),
    [operations, env],
  );
  const { data } = useQuery(frames(specs, fromMs, toMs));
  return useMemo(() => {
    const found = new Map<string, Values>();
    for (const [index, results] of (data ?? []).entries()) {
      for (const series of results.flatMap((result) => result.series)) {
        const service = series.group.find(([key]) => key === "service")?.[1];
        if (service) found.set(`${service}|${operations[index]}`, series.values);
      }
    }
    return found;
  }, [data, operations]);
}
