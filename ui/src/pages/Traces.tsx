import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { useEvents } from "../api/events";
import { heatmap, type Row, type Scope } from "../api/rows";
import { Differences } from "../apm/Differences";
import { HeatPane } from "../apm/HeatPane";
import { keepingRange, logsLink, spanLink } from "../apm/links";
import { countIn, cellsOf, readSelection, selectionTerm, writeSelection } from "../apm/selection";
import { ENTRY_TERM, SpanKinds, useSpanKind, within } from "../apm/SpanKinds";
import { spanColumns } from "../apm/spanColumns";
import { TraceSetup } from "../apm/TraceSetup";
import { useHotkeys } from "../app/hotkeys";
import { SaveDialog } from "../explore/SaveDialog";
import type { RowActions } from "../rows/actions";
import { groupDefinition, groupTitle, streamDefinition } from "../rows/definition";
import { DeleteDialog } from "../rows/DeleteDialog";
import { ExplorerTools } from "../rows/ExplorerTools";
import { Facets } from "../rows/Facets";
import { exclude, filterBy } from "../rows/filters";
import { GroupView } from "../rows/GroupView";
import { ListView } from "../rows/ListView";
import { SavedViews } from "../rows/SavedViews";
import { SearchInput } from "../rows/SearchInput";
import { useHeld, useRows } from "../rows/useRows";
import { ValueMenu } from "../rows/ValueMenu";
import { useRowsView, type RowsTab } from "../rows/view";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";

const TABS: [RowsTab, string][] = [
  ["list", "List"],
  ["group", "Group by"],
];

const COLUMNS = ["@http.status_code", "host"];
const FOLDED = "oriel.facets";

/** Search of spans: durations over time, what is different about a part of them, the spans themselves or groups of them. */
export function Traces() {
  const navigate = useNavigate();
  const { search: here } = useLocation();
  const [view, set] = useRowsView("spans");
  const { span } = usePageRange();
  const [kind, setKind] = useSpanKind();
  const [chosen, setChosen] = useParam("sel", false);
  const [away, setAway] = useState(false);
  const [dialog, setDialog] = useState<"save" | "delete" | null>(null);
  const [facetsShown, setFacetsShown] = useState(() => localStorage.getItem(FOLDED) !== "folded");
  const selection = useMemo(() => readSelection(chosen), [chosen]);
  const held = useHeld(span, away || selection !== null);
  const query = kind === "entry" ? within(view.query, ENTRY_TERM) : view.query;
  const scope = useMemo<Scope>(() => ({ signal: "spans", query, ...held }), [query, held]);
  const heat = useQuery({ ...heatmap(scope), enabled: view.tab === "list" });
  const part = useMemo<Scope>(
    () =>
      selection
        ? {
            ...scope,
            query: within(scope.query, selectionTerm(selection)),
            fromMs: selection.from_ms,
            toMs: selection.to_ms,
          }
        : scope,
    [scope, selection],
  );
  const list = useRows(part, view.sort, view.tab === "list");
  const { data: events = [] } = useEvents(held.fromMs, held.toMs, view.tab === "group");
  const fields = view.columns ?? COLUMNS;
  const columns = useMemo(() => spanColumns(fields), [fields]);
  const search = (next: string) => set({ query: next, row: "" });
  const actions: RowActions = {
    filter: (field, value) => search(filterBy(view.query, field, value)),
    exclude: (field, value) => search(exclude(view.query, field, value)),
    columns: fields,
    column: (field) =>
      set({ columns: fields.includes(field) ? fields.filter((each) => each !== field) : [...fields, field] }),
    group: (field) => set({ tab: "group", by: view.tab === "group" ? [...new Set([...view.by, field])] : [field] }),
  };
  const foldFacets = () => {
    localStorage.setItem(FOLDED, facetsShown ? "folded" : "shown");
    setFacetsShown(!facetsShown);
  };
  useHotkeys({ f: foldFacets, ...(selection ? { Escape: () => setChosen("") } : {}) });
  const open = (row: Row | null) => row && void navigate(spanLink(row));
  return (
    <ValueMenu actions={actions}>
      <PageHead title="Traces" aside={<SavedViews signal="spans" />}>
        <Link className="button quiet" to={keepingRange(logsLink(view.query), here)}>
          <Icon name="logs" /> Logs of this search
        </Link>
        <TimePicker />
      </PageHead>
      <div className="rows-page">
        <div className="rows-search">
          <IconButton
            icon="filter"
            label={facetsShown ? "Hide the facets" : "Show the facets"}
            shortcut="f"
            aria-pressed={facetsShown}
            className={facetsShown ? "on" : ""}
            onClick={foldFacets}
          />
          <SearchInput signal="spans" value={view.query} onSubmit={search} problem={list.problem ?? heat.data?.error} />
          <SpanKinds kind={kind} onKind={setKind} />
        </div>
        <div className="rows-main">
          {facetsShown && <Facets scope={part} actions={actions} onQuery={search} />}
          <div className="rows-column">
            {view.tab === "list" && (
              <HeatPane
                answer={heat}
                selection={selection}
                onSelect={(next) => setChosen(next ? writeSelection(next) : "")}
              />
            )}
            <ExplorerTools
              tabs={TABS}
              view={view}
              set={set}
              scope={part}
              columns={fields}
              total={totalOf(heat.data, selection)}
              first={list.first}
              onSave={() => setDialog("save")}
              onDelete={() => setDialog("delete")}
            />
            {view.tab === "list" && (
              <ListView
                columns={columns}
                wrap={view.wrap}
                open=""
                onOpen={open}
                list={list}
                scope={{ ...part, query: view.query }}
                sort={view.sort}
                onSort={(sort) => set({ sort })}
                onAway={setAway}
                empty={<TraceSetup title="No span has come in yet" />}
                onClear={() => search("")}
              />
            )}
            {view.tab !== "list" && <GroupView scope={scope} view={view} set={set} events={events} />}
          </div>
          {view.tab === "list" && selection && (
            <Differences scope={scope} selection={selection} actions={actions} onClose={() => setChosen("")} />
          )}
        </div>
      </div>
      {dialog === "save" && (
        <SaveDialog
          title={view.tab === "group" ? groupTitle(view, "spans") : view.query || "Traces"}
          widget={(title) =>
            view.tab === "group"
              ? groupDefinition({ ...view, query }, "spans", title)
              : streamDefinition({ ...view, query }, "spans", title, fields)
          }
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "delete" && <DeleteDialog scope={part} onClose={() => setDialog(null)} />}
    </ValueMenu>
  );
}

function totalOf(heat: Parameters<typeof countIn>[0] | undefined, selection: ReturnType<typeof readSelection>) {
  if (!heat || heat.error || heat.times.length === 0) return null;
  const all = {
    fromColumn: 0,
    toColumn: heat.times.length - 1,
    fromRow: 0,
    toRow: heat.bounds_ns.length - 2,
  };
  const cells = selection ? cellsOf(heat, selection) : all;
  return cells ? countIn(heat, cells).count : null;
}
