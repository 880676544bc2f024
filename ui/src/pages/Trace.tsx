import { useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { useTrace, type TraceColumns } from "../api/traces";
import { logsLink, term } from "../apm/links";
import { stamp } from "../format/clock";
import { formatCount } from "../format/units";
import { FlameGraph } from "../trace/FlameGraph";
import { ServiceLegend } from "../trace/Legend";
import { Minimap } from "../trace/Minimap";
import { nsText } from "../trace/scale";
import { momentOf, SpanPanel } from "../trace/SpanPanel";
import { Steps } from "../trace/Steps";
import { Toolbar } from "../trace/Toolbar";
import { usePanelWidth } from "../trace/panelWidth";
import { useTraceView } from "../trace/useTraceView";
import { Waterfall } from "../trace/Waterfall";
import { CopyButton } from "../ui/Copy";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { ApiError } from "../api/client";

export function TracePage() {
  const { id = "" } = useParams();
  const answer = useTrace(id);
  const gone = answer.error instanceof ApiError && answer.error.status === 404;
  if (answer.data && answer.data.spans.id.length > 0) return <Shown key={id} answer={answer.data} />;
  return (
    <>
      <PageHead title="Trace" aside={<span className="badge mono">{id}</span>} />
      <div className="page-body">
        {answer.isPending && <SkeletonRows rows={16} />}
        {answer.isError && !gone && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="This trace cannot be shown" />
        )}
        {(gone || answer.data) && (
          <Empty title="No span of this trace is here">
            It may be older than what is kept, its spans may still be on their way, or the id is of another server.{" "}
            <Link to={logsLink(term("trace_id", id))}>Look for its logs</Link>
          </Empty>
        )}
      </div>
    </>
  );
}

const LEFT = "oriel.trace.names";

function useLeft(): [number, (px: number) => void] {
  const [left, setLeft] = useState(() => Number(localStorage.getItem(LEFT)) || 380);
  return [
    left,
    (px) => {
      localStorage.setItem(LEFT, String(Math.round(px)));
      setLeft(px);
    },
  ];
}

function Shown({ answer }: { answer: TraceColumns }) {
  const view = useTraceView(answer);
  const { scene, flame, shares, path, select, toggle, setWindow, onFocus } = view;
  const { trace, selected, ink } = scene;
  const [left, setLeft] = useLeft();
  const [open, setOpen] = useState(true);
  const main = useRef<HTMLDivElement>(null);
  const panel = usePanelWidth(main);
  const openPanel = () => {
    setOpen(true);
    requestAnimationFrame(() => document.getElementById("span-panel")?.focus());
  };
  const onSelect = (span: number) => {
    select(span);
    setOpen(true);
  };
  return (
    <>
      <Head view={view} />
      <div className="page-body fill trace-page">
        <ServiceLegend trace={trace} shares={shares} ink={ink} focus={scene.focus} onFocus={onFocus} />
        <Minimap scene={scene} flame={flame} onWindow={setWindow} />
        <Toolbar view={view} />
        {trace.truncated && (
          <p className="trace-note" role="status">
            <Icon name="warn" size={13} /> This trace has more spans than the page is sent; the first{" "}
            {formatCount(trace.count)} are shown.
          </p>
        )}
        <div ref={main} className="trace-main" style={{ gridTemplateColumns: open ? panel.columns : "minmax(0, 1fr)" }}>
          {view.view === "flame" && !flame && <SkeletonRows rows={8} />}
          {view.view === "flame" && flame && (
            <FlameGraph scene={scene} flame={flame} onSelect={onSelect} onWindow={setWindow} onOpen={openPanel} />
          )}
          {view.view === "steps" && <Steps scene={scene} path={path} onSelect={onSelect} />}
          {view.view === "waterfall" && (
            <Waterfall
              scene={scene}
              left={left}
              onSelect={onSelect}
              onToggle={toggle}
              onWindow={setWindow}
              onLeft={setLeft}
              onOpen={openPanel}
            />
          )}
          {open && selected !== null && (
            <>
              <div {...panel.handle} />
              <SpanPanel
                scene={scene}
                span={selected}
                waits={path.waits[selected]}
                onClose={() => setOpen(false)}
                onSelect={onSelect}
              />
            </>
          )}
        </div>
      </div>
    </>
  );
}

function Head({ view: { scene, shares } }: { view: ReturnType<typeof useTraceView> }) {
  const { trace } = scene;
  const root = trace.order[0];
  const resource = trace.words.resource[trace.resource[root]] || trace.words.name[trace.name[root]] || "Trace";
  return (
    <PageHead
      title={`${trace.words.service[trace.service[root]]}: ${resource}`}
      aside={
        <>
          <span className={trace.errors.length > 0 ? "badge bad" : "badge ok"}>
            {trace.errors.length > 0
              ? `${trace.errors.length} ${trace.errors.length === 1 ? "error" : "errors"}`
              : "ok"}
          </span>
          <span className="head-fact">
            <b>{nsText(trace.length)}</b>
          </span>
          <span className="dim head-fact">{`${formatCount(trace.count)} spans · ${shares.length} services`}</span>
          <span className="dim head-fact">{stamp(trace.startMs)}</span>
        </>
      }
    >
      <span className="badge mono trace-id" title="Trace id">
        {trace.id}
      </span>
      <CopyButton text={trace.id} label="Copy the trace id" />
      <Link className="button" to={logsLink(term("trace_id", trace.id), momentOf(trace))}>
        <Icon name="metrics" /> {trace.logs > 0 ? `${formatCount(trace.logs)} logs` : "Logs"}
      </Link>
    </PageHead>
  );
}
