import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { useEvents } from "../api/events";
import { histogram, type Row, type Scope, type Signal } from "../api/rows";
import { useHotkeys } from "../app/hotkeys";
import { SaveDialog } from "../explore/SaveDialog";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { IconButton } from "../ui/Button";
import { PageHead } from "../ui/PageHead";
import type { RowActions } from "./actions";
import { CLOCK_COLUMN, fieldColumn, TIME_COLUMN, type RowColumn } from "./columns";
import { groupDefinition, groupTitle, streamDefinition } from "./definition";
import { DeleteDialog } from "./DeleteDialog";
import { ExplorerTools } from "./ExplorerTools";
import { Facets } from "./Facets";
import { exclude, filterBy } from "./filters";
import { GroupView } from "./GroupView";
import { Histogram } from "./Histogram";
import { DetailPane } from "./DetailPane";
import { ListView } from "./ListView";
import { PatternsView } from "./PatternsView";
import { SavedViews } from "./SavedViews";
import { SearchInput } from "./SearchInput";
import { TailView } from "./TailView";
import { useHeld, useRows } from "./useRows";
import { useOpenRow } from "./useOpenRow";
import { ValueMenu } from "./ValueMenu";
import { useRowsView, type RowsTab } from "./view";

export interface ExplorerPage {
  signal: Signal;
  title: string;
  tabs: [RowsTab, string][];
  /** After the columns that one chooses. */
  last: RowColumn[];
  columns: string[];
  /** What a page without any row shows. */
  empty: ReactNode;
  links?: ReactNode;
  /** Views that only this signal has. */
  extra?: (tab: RowsTab, scope: Scope, onQuery: (query: string) => void) => ReactNode;
}

type Open = "save" | "delete" | null;

const FOLDED = "oriel.facets";

/** Search, facets, histogram and the rows themselves: the frame of the pages for logs and for events. */
export function Explorer({ page }: { page: ExplorerPage }) {
  const { signal, tabs } = page;
  const [view, set] = useRowsView(signal);
  const { span, range } = usePageRange();
  const [away, setAway] = useState(false);
  const [dialog, setDialog] = useState<Open>(null);
  const [facetsShown, setFacetsShown] = useState(() => localStorage.getItem(FOLDED) !== "folded");
  const [turn, setTurn] = useState(0);
  const hold = view.tab === "list" && (away || view.row !== "");
  const held = useHeld(span, hold);
  const scope = useMemo<Scope>(() => ({ signal, query: view.query, ...held }), [signal, view.query, held]);
  const list = useRows(scope, view.sort, view.tab === "list");
  const counts = useQuery({ ...histogram(scope, "status"), enabled: view.tab !== "tail" });
  const { data: events = [] } = useEvents(held.fromMs, held.toMs, signal !== "events");
  const { row, loading, error, open } = useOpenRow(signal, view.row, set);
  const fields = view.columns ?? page.columns;
  const narrow = view.row !== "";
  const columns = useMemo(
    () => (narrow ? [CLOCK_COLUMN, ...page.last] : [TIME_COLUMN, ...fields.map(fieldColumn), ...page.last]),
    [narrow, page.last, fields],
  );
  const search = (query: string) => set({ query, row: "" });
  const actions: RowActions = {
    filter: (field, value) => search(filterBy(view.query, field, value)),
    exclude: (field, value) => search(exclude(view.query, field, value)),
    columns: fields,
    column: (field) =>
      set({ columns: fields.includes(field) ? fields.filter((each) => each !== field) : [...fields, field] }),
    group: (field) =>
      set({
        tab: "group",
        row: "",
        by: view.by.includes(field) || view.tab !== "group" ? [field] : [...view.by, field],
      }),
  };
  const foldFacets = () => {
    localStorage.setItem(FOLDED, facetsShown ? "folded" : "shown");
    setFacetsShown(!facetsShown);
  };
  useHotkeys({ f: foldFacets, w: () => set({ wrap: !view.wrap }, true) });
  const problem = list.problem ?? counts.data?.error ?? null;
  const step = (by: number) => {
    const next = list.rows[list.rows.findIndex(({ id }) => id === view.row) + by];
    if (next) open(next);
  };
  const shared = { columns, wrap: view.wrap, open: view.row, onOpen: (next: Row | null) => open(next) };
  return (
    <ValueMenu actions={actions}>
      <PageHead title={page.title} aside={<SavedViews signal={signal} />}>
        {page.links}
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
          <SearchInput signal={signal} value={view.query} onSubmit={search} problem={problem} />
        </div>
        <div className="rows-main">
          {facetsShown && <Facets scope={scope} actions={actions} onQuery={search} />}
          <div className="rows-column">
            {view.tab !== "tail" && view.tab !== "group" && (
              <Histogram scope={scope} events={events} title={page.title} />
            )}
            <ExplorerTools
              tabs={tabs}
              view={view}
              set={set}
              scope={scope}
              columns={fields}
              total={counts.data?.total ?? null}
              first={list.first}
              onNewest={
                hold && range.kind === "live" ? () => (open(null), setAway(false), setTurn(turn + 1)) : undefined
              }
              onSave={() => setDialog("save")}
              onDelete={() => setDialog("delete")}
            />
            {view.tab === "list" && (
              <ListView
                key={turn}
                {...shared}
                list={list}
                scope={scope}
                sort={view.sort}
                onSort={(sort) => set({ sort })}
                onAway={setAway}
                empty={page.empty}
                onClear={() => search("")}
              />
            )}
            {view.tab === "patterns" && <PatternsView scope={scope} onQuery={(query) => set({ query, tab: "list" })} />}
            {view.tab === "group" && <GroupView scope={scope} view={view} set={set} events={events} />}
            {view.tab === "tail" && <TailView {...shared} signal={signal} query={view.query} />}
            {page.extra?.(view.tab, scope, (query) => set({ query, tab: "list" }))}
          </div>
          {view.row !== "" && (
            <DetailPane
              signal={signal}
              row={row}
              loading={loading}
              error={error}
              onClose={() => open(null)}
              onStep={view.tab === "list" ? step : undefined}
              onOpen={open}
            />
          )}
        </div>
      </div>
      {dialog === "save" && (
        <SaveDialog
          title={view.tab === "group" ? groupTitle(view, signal) : view.query || page.title}
          widget={(title) =>
            view.tab === "group" ? groupDefinition(view, signal, title) : streamDefinition(view, signal, title, fields)
          }
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "delete" && <DeleteDialog scope={scope} onClose={() => setDialog(null)} />}
    </ValueMenu>
  );
}
