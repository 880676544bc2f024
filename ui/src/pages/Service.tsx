import { useCallback, useMemo } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useEvents, type EventEntry } from "../api/events";
import { useService, useServices, type ServiceDetail } from "../api/services";
import { Deployment } from "../apm/Deployment";
import { serviceOf, tagOf, versionEvents } from "../apm/deploy";
import { ErrorIssues } from "../apm/ErrorIssues";
import { both, keepingRange, logsLink, mapLink, resourceLink, serviceLink, term, tracesLink } from "../apm/links";
import { versionsChart } from "../apm/metrics";
import { Neighbours } from "../apm/Neighbours";
import { Picker } from "../apm/Pickers";
import { Resources } from "../apm/Resources";
import { ServiceCharts } from "../apm/ServiceCharts";
import { TraceSetup } from "../apm/TraceSetup";
import { Versions } from "../apm/Versions";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { Failed, SkeletonRows } from "../ui/States";

export function Service() {
  const { name = "" } = useParams();
  const { span } = usePageRange();
  const [env, setEnv] = useParam("env", false);
  const [version, setVersion] = useParam("version", false);
  const [operation, setOperation] = useParam("operation", false);
  const { search: here } = useLocation();
  const answer = useService(name, { env, version, operation }, span.fromMs, span.toMs);
  const detail = answer.data?.name === name ? answer.data : undefined;
  const scope = both(term("service", name), env && term("env", env), version && term("version", version));
  const envs = useServices("", span.fromMs, span.toMs).data?.envs ?? [];
  const keep = (to: string) => keepingRange(to, here);
  return (
    <>
      <PageHead title={name}>
        {detail && (
          <Picker
            name="operation"
            value={detail.operation}
            options={detail.operations.map((each) => each.name)}
            onPick={setOperation}
          />
        )}
        <Picker name="env" value={env} options={envs} onPick={setEnv} all="all" />
        <Picker
          name="version"
          value={version}
          options={(detail?.versions ?? []).map((each) => each.version).filter(Boolean)}
          onPick={setVersion}
          all="all"
        />
        <span className="head-gap" />
        <Link className="button" to={keep(tracesLink(scope))}>
          <Icon name="traces" /> Traces
        </Link>
        <Link className="button" to={keep(logsLink(scope))}>
          <Icon name="metrics" /> Logs
        </Link>
        <TimePicker />
      </PageHead>
      <div className="page-body service-page">
        {answer.isPending && <SkeletonRows rows={12} />}
        {answer.isError && !detail && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="This service cannot be shown" />
        )}
        {detail && detail.operations.length === 0 && <TraceSetup title={`${name} sent nothing in this range`} />}
        {detail && detail.operations.length > 0 && (
          <Body name={name} detail={detail} env={env} version={version} onVersion={setVersion} />
        )}
      </div>
    </>
  );
}

interface BodyProps {
  name: string;
  detail: ServiceDetail;
  env: string;
  version: string;
  onVersion: (version: string) => void;
}

function Body({ name, detail, env, version, onVersion }: BodyProps) {
  const { span, nowMs } = usePageRange();
  const { search: here } = useLocation();
  const [deploy, setDeploy] = useParam("deploy", false);
  const events = useMarks(name, detail);
  const { operation } = detail;
  const type = detail.operations.find((each) => each.name === operation)?.type ?? "";
  const atMs = Number(deploy) || null;
  const byVersion = useMemo(() => versionsChart(operation, { service: name, env }), [operation, name, env]);
  const resource = useCallback(
    (text: string) => keepingRange(resourceLink(name, { resource: text, operation, type, env }), here),
    [name, operation, type, env, here],
  );
  const service = useCallback((other: string) => keepingRange(serviceLink(other, { env }), here), [env, here]);
  const marked =
    atMs === null ? undefined : events.find((event) => Math.abs(event.date_happened * 1000 - atMs) < 2_000);
  const scope = both(term("service", name), env && term("env", env));
  return (
    <>
      {atMs !== null && (
        <Deployment
          service={name}
          operation={operation}
          env={env}
          atMs={atMs}
          nowMs={Math.max(nowMs, span.toMs)}
          title={marked?.title ?? "Before and after"}
          link={resource}
          onClose={() => setDeploy("")}
        />
      )}
      <ServiceCharts operation={operation} type={type} service={name} env={env} version={version} events={events} />
      <Resources rows={detail.resources} link={resource} />
      <div className="service-columns">
        <div className="stack">
          <Versions
            versions={detail.versions}
            requests={byVersion}
            nowMs={nowMs}
            version={version}
            deployMs={atMs}
            onVersion={onVersion}
            onCompare={(ms) => setDeploy(String(Math.round(ms)))}
          />
          <Neighbours
            up={detail.upstream}
            down={detail.downstream}
            link={service}
            mapTo={keepingRange(mapLink({ env, focus: name }), here)}
          />
        </div>
        <ErrorIssues
          issues={detail.error_issues}
          nowMs={nowMs}
          allTo={keepingRange(tracesLink(both(scope, "status:error")), here)}
        />
      </div>
    </>
  );
}

/** Events that speak of this service or of none, and versions that nobody announced. */
function useMarks(name: string, detail: ServiceDetail): EventEntry[] {
  const { span } = usePageRange();
  const { data } = useEvents(span.fromMs, span.toMs, true);
  const { fromMs, toMs } = span;
  return useMemo(() => {
    const own = (data ?? []).filter((event) => (serviceOf(event) ?? name) === name);
    const announced = own.filter((event) => tagOf(event, "version") !== undefined);
    return [...own, ...versionEvents(detail.versions, name, fromMs, toMs, announced)];
  }, [data, detail.versions, name, fromMs, toMs]);
}
