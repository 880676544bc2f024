import { useRef } from "react";
import { useHotkeys } from "../app/hotkeys";
import { Button, IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { SearchField } from "../ui/SearchField";
import { longestWaits } from "./critical";
import { nextIn } from "./find";
import { collapsedFrom } from "./rows";
import { VIEWS, type TraceView } from "./useTraceView";

const NAMES = { waterfall: "Waterfall", flame: "Flame graph", steps: "Steps" };

/** Find, errors, critical path, folding: each with its key. */
export function Toolbar({ view }: { view: TraceView }) {
  const { scene, path, text, setText, only, showPath, set, select, setWindow, setCollapsed } = view;
  const { trace, found, selected } = scene;
  const field = useRef<HTMLInputElement>(null);
  const go = (list: Int32Array | undefined, step: 1 | -1) => {
    const next = list ? nextIn(trace, list, selected, step) : null;
    if (next !== null) select(next);
  };
  const zoom = () => {
    if (selected === null) return;
    const margin = trace.duration[selected] * 0.05;
    setWindow({
      from: Math.max(0, trace.start[selected] - margin),
      to: Math.min(trace.length, trace.start[selected] + trace.duration[selected] + margin),
    });
  };
  const show = (next: string) => set("view", next === "waterfall" ? null : next);
  const flip = () => show(VIEWS[(VIEWS.indexOf(view.view) + 1) % VIEWS.length]);
  useHotkeys({
    f: () => field.current?.focus(),
    n: () => go(trace.errors, 1),
    p: () => go(trace.errors, -1),
    c: () => set("path", showPath ? "0" : null),
    v: flip,
    z: zoom,
    "0": () => setWindow({ from: 0, to: trace.length }),
    ">": () => go(found?.list, 1),
    "<": () => go(found?.list, -1),
  });
  const levels = [1, 2, 3].map((depth) => ({
    label: depth === 1 ? "Roots and their children" : `${depth + 1} levels`,
    onSelect: () => setCollapsed(collapsedFrom(trace, depth)),
  }));
  const longest = longestWaits(path, 5);
  return (
    <div className="trace-tools" role="toolbar" aria-label="Trace">
      <div className="segments" role="group" aria-label="View">
        {VIEWS.map((each) => (
          <button key={each} type="button" aria-pressed={view.view === each} title="v" onClick={() => show(each)}>
            {NAMES[each]}
          </button>
        ))}
      </div>
      <form
        className="trace-find"
        onSubmit={(event) => {
          event.preventDefault();
          go(found?.list, 1);
        }}
      >
        <SearchField ref={field} label="Find in this trace (f)" value={text} onChange={setText} />
        {found && (
          <>
            <span className="dim find-count" role="status">
              {found.list.length === 0 ? "no span" : `${found.list.length} spans`}
            </span>
            <IconButton icon="back" label="Previous match" shortcut="<" onClick={() => go(found.list, -1)} />
            <IconButton icon="forward" label="Next match" shortcut=">" onClick={() => go(found.list, 1)} />
            <Button
              tone="quiet"
              aria-pressed={only}
              className={only ? "on" : ""}
              onClick={() => set("only", only ? null : "1")}
            >
              Only these
            </Button>
          </>
        )}
      </form>
      <div className="grow" />
      {trace.errors.length > 0 && (
        <span className="error-jump">
          <IconButton icon="back" label="Previous error" shortcut="p" onClick={() => go(trace.errors, -1)} />
          <Button tone="quiet" className="bad-text" title="Next error (n)" onClick={() => go(trace.errors, 1)}>
            {`${trace.errors.length} ${trace.errors.length === 1 ? "error" : "errors"}`}
          </Button>
          <IconButton icon="forward" label="Next error" shortcut="n" onClick={() => go(trace.errors, 1)} />
        </span>
      )}
      <Button
        tone="quiet"
        aria-pressed={showPath}
        className={showPath ? "on" : ""}
        title="Critical path (c)"
        onClick={() => set("path", showPath ? "0" : null)}
      >
        Critical path
      </Button>
      {longest.length > 0 && (
        <Menu
          trigger={<Button tone="quiet">Slowest steps</Button>}
          items={longest.map((span) => ({ label: stepName(view, span), onSelect: () => select(span) }))}
        />
      )}
      <Menu
        trigger={<Button tone="quiet">Fold</Button>}
        items={[
          { label: "Open all", onSelect: () => setCollapsed(new Set()) },
          ...levels,
          { label: "Roots only", onSelect: () => setCollapsed(collapsedFrom(trace, 0)) },
        ]}
      />
      <IconButton
        icon="full"
        label="Whole trace"
        shortcut="0"
        onClick={() => setWindow({ from: 0, to: trace.length })}
      />
    </div>
  );
}

function stepName({ scene: { trace }, path }: TraceView, span: number): string {
  const { words } = trace;
  const share = Math.round((path.waits[span] / trace.length) * 100);
  const name = `${words.name[trace.name[span]]} ${words.resource[trace.resource[span]]}`;
  return `${share} %  ${name.length > 60 ? `${name.slice(0, 59)}…` : name}`;
}
