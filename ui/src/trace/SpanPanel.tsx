import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { useSpan } from "../api/traces";
import { both, hostLink, logsLink, resourceLink, serviceLink, term, tracesLink, type Moment } from "../apm/links";
import { stamp } from "../format/clock";
import { useRested } from "../ui/rested";
import { CopyButton } from "../ui/Copy";
import { Icon } from "../ui/Icon";
import { Failed, SkeletonRows } from "../ui/States";
import { asMap, faultOf, flat, statementOf } from "./attributes";
import type { Trace } from "./model";
import { nsText } from "./scale";
import type { Scene } from "./scene";
import { SpanAttributes } from "./SpanAttributes";
import { Fault, SpanEvents, SpanLinks, Statement } from "./SpanFacts";
import { SpanHost } from "./SpanHost";
import { SpanLogs } from "./SpanLogs";

/** How long a reader who walks through the rows stays before a span's details are asked for. */
const REST_MS = 90;
const AROUND_MS = 15 * 60_000;

export const momentOf = (trace: Trace): Moment => ({
  fromMs: trace.startMs - AROUND_MS,
  toMs: trace.startMs + trace.length / 1e6 + AROUND_MS,
});

interface Props {
  scene: Scene;
  span: number;
  waits: number;
  onClose: () => void;
  onSelect: (span: number) => void;
}

export function SpanPanel({ scene, span, waits, onClose, onSelect }: Props) {
  const { trace, ink } = scene;
  const root = useRef<HTMLElement>(null);
  const rested = useRested(span, REST_MS);
  const answer = useSpan(trace.id, trace.ids[rested]);
  useEffect(() => {
    if (root.current) root.current.scrollTop = 0;
  }, [rested]);
  const { words } = trace;
  const name = words.name[trace.name[span]] ?? "";
  const resource = words.resource[trace.resource[span]] ?? "";
  const service = words.service[trace.service[span]] ?? "";
  const fresh = answer.data && !answer.isPlaceholderData && rested === span;
  return (
    <aside ref={root} className="span-panel" aria-label={`Span ${name} ${resource}`} tabIndex={-1} id="span-panel">
      <header className="span-head">
        <span className="dot" style={{ background: ink.service[trace.service[span]] }} />
        <h2 className="grow cut" title={`${service}: ${name}`}>
          <Link to={serviceLink(service, {}, momentOf(trace))}>{service}</Link> <span className="dim">{name}</span>
        </h2>
        <CopyButton text={trace.ids[span]} label={`Copy span id ${trace.ids[span]}`} />
        <button
          type="button"
          className="button quiet icon-only"
          aria-label="Close the span's details"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <p className="span-resource">{resource}</p>
      <Figures scene={scene} span={span} waits={waits} onSelect={onSelect} />
      <Links scene={scene} span={span} />
      {answer.isError && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="This span's details cannot be read" />
      )}
      {!answer.isError && !fresh && <SkeletonRows rows={6} />}
      {fresh && <Details scene={scene} detail={answer.data} span={span} onSelect={onSelect} />}
    </aside>
  );
}

function Details({
  scene,
  detail,
  span,
  onSelect,
}: {
  scene: Scene;
  detail: NonNullable<ReturnType<typeof useSpan>["data"]>;
  span: number;
  onSelect: (span: number) => void;
}) {
  const { trace } = scene;
  const row = detail.span;
  const attributes = flat(row);
  const all = asMap(attributes);
  const statement = statementOf(row, all);
  const fault = faultOf(row, all);
  const host = row.host || trace.words.host[trace.host[span]];
  const spanMs = trace.startMs + trace.start[span] / 1e6;
  return (
    <>
      {fault && <Fault fault={fault} />}
      {statement && <Statement {...statement} />}
      <SpanLogs key={span} trace={trace} logs={detail.logs} span={trace.ids[span]} />
      <SpanEvents events={detail.events} startMs={spanMs} />
      <SpanLinks links={detail.links} trace={trace} onSelect={onSelect} />
      {host && <SpanHost host={host} atMs={spanMs} />}
      <SpanAttributes attributes={attributes} row={row} moment={momentOf(trace)} />
    </>
  );
}

function Figures({ scene: { trace }, span, waits, onSelect }: Pick<Props, "scene" | "span" | "waits" | "onSelect">) {
  const share = (ns: number) => {
    const percent = (ns / trace.length) * 100;
    return percent > 0 && percent < 0.1 ? "<0.1 %" : `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
  };
  const parent = trace.parent[span];
  return (
    <dl className="span-figures">
      <div>
        <dt>Duration</dt>
        <dd>
          <b>{nsText(trace.duration[span])}</b> <span className="dim">{share(trace.duration[span])} of the trace</span>
        </dd>
      </div>
      <div>
        <dt>Of its own</dt>
        <dd>{nsText(trace.own[span])}</dd>
      </div>
      <div>
        <dt>Critical path</dt>
        <dd>{waits > 0 ? `${nsText(waits)} · ${share(waits)}` : "not on it"}</dd>
      </div>
      <div>
        <dt>Began</dt>
        <dd>
          {stamp(trace.startMs + trace.start[span] / 1e6)} <span className="dim">+{nsText(trace.start[span])}</span>
        </dd>
      </div>
      {parent >= 0 && (
        <div>
          <dt>Called by</dt>
          <dd className="cut">
            <button type="button" className="link" onClick={() => onSelect(parent)}>
              {`${trace.words.service[trace.service[parent]]} · ${trace.words.name[trace.name[parent]]}`}
            </button>
          </dd>
        </div>
      )}
    </dl>
  );
}

/** From this span one click leads to all that is like it, around it and under it. */
function Links({ scene: { trace }, span }: { scene: Scene; span: number }) {
  const { words } = trace;
  const at = momentOf(trace);
  const service = words.service[trace.service[span]] ?? "";
  const operation = words.name[trace.name[span]] ?? "";
  const resource = words.resource[trace.resource[span]] ?? "";
  const host = words.host[trace.host[span]];
  const type = words.type[trace.type[span]];
  const alike = both(term("service", service), term("operation_name", operation), term("resource_name", resource));
  return (
    <nav className="span-links" aria-label="Where this span leads">
      <Link className="button" to={logsLink(term("trace_id", trace.id), at)}>
        <Icon name="metrics" /> Logs of the trace
      </Link>
      {host && (
        <Link className="button" to={hostLink(host, at)}>
          <Icon name="hosts" /> Host {host}
        </Link>
      )}
      <Link className="button" to={tracesLink(alike, at, "-duration")}>
        <Icon name="search" /> Spans like this
      </Link>
      <Link className="button" to={resourceLink(service, { resource, operation, type }, at)}>
        <Icon name="explore" /> This resource
      </Link>
    </nav>
  );
}
