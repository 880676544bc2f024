import { useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { MonitorEntry } from "../api/monitorModel";
import { useMonitors } from "../api/monitors";
import { useHotkeys } from "../app/hotkeys";
import { formatCount } from "../format/units";
import { BulkBar } from "../monitors/BulkBar";
import { copyOf, editorWith, monitorOf } from "../monitors/draft";
import { monitorsOf } from "../monitors/importing";
import { ListFacets } from "../monitors/ListFacets";
import { MonitorTable } from "../monitors/MonitorTable";
import { MuteDialog } from "../monitors/MuteDialog";
import { OwnNudge } from "../monitors/OwnNudge";
import { PasteDialog } from "../monitors/PasteDialog";
import { useBulkActions } from "../monitors/useBulk";
import { usePicked } from "../monitors/usePicked";
import { AlertNav } from "../notify/AlertNav";
import { filterBy } from "../rows/filters";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { useRested } from "../ui/rested";
import { SearchField } from "../ui/SearchField";
import { Empty, Failed, SkeletonRows } from "../ui/States";

/** Upwards of status is the worst first. */
const FIRST_SORT = "status,asc";
const REST_MS = 150;
const NO_ROWS: MonitorEntry[] = [];

/** All monitors: the worst first, searched as Datadog's are, muted and deleted in bulk. */
export function Monitors() {
  const navigate = useNavigate();
  const { nowMs } = usePageRange();
  const [params, setParams] = useSearchParams();
  const [query, setQuery] = useParam("query");
  const [sort, setSort] = useParam("sort", false);
  const answer = useMonitors({ query: useRested(query, REST_MS), sort: sort || FIRST_SORT });
  const rows = answer.data?.monitors ?? NO_ROWS;
  const { picked, chosen, at, go, pick, pickAt, pickAll, clear } = usePicked(rows);
  const bulk = useBulkActions();
  const [dialog, setDialog] = useState<"mute" | "delete" | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const paste = params.has("paste");
  const setPaste = (on: boolean) => setParams((now) => withFlag(now, on), { replace: !on });
  useHotkeys({
    "/": () => field.current?.focus(),
    j: () => go(1),
    k: () => go(-1),
    x: pickAt,
    m: () => chosen.length > 0 && setDialog("mute"),
    Enter: () => rows[at] && void navigate(`/monitors/${rows[at].id}`),
    Escape: clear,
    n: () => void navigate("/monitors/new"),
  });
  const [pasted, setPasted] = useState<unknown[] | null>(null);
  usePasteAnywhere((address) => void navigate(address), setPasted);
  const none = answer.data?.total === 0 && query.trim() === "";
  const what = chosen.length === 1 ? `“${chosen[0].name}”` : `${chosen.length} monitors`;
  return (
    <>
      <PageHead title="Monitors" aside={<AlertNav />}>
        <Button icon="copy" onClick={() => setPaste(true)}>
          Paste a monitor
        </Button>
        <Link className="button primary" to="/monitors/new" title="New monitor (n)">
          <Icon name="plus" /> New
        </Link>
      </PageHead>
      <OwnNudge />
      <div className="rows-page">
        {answer.isPending && <SkeletonRows rows={14} />}
        {answer.isError && !answer.data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Monitors cannot be listed" />
        )}
        {none && <NoMonitors onPaste={() => setPaste(true)} />}
        {answer.data && !none && (
          <div className="rows-main">
            <ListFacets counts={answer.data.counts} query={query} onQuery={setQuery} />
            <div className="rows-column monitor-list" data-loading={answer.isFetching || undefined}>
              <div className="list-tools">
                <SearchField
                  ref={field}
                  label='Search: words, status:alert, tag:"env:prod", muted:true (/)'
                  value={query}
                  onChange={setQuery}
                />
                <span className="dim">{foundText(rows.length, answer.data.total)}</span>
                {bulk.done && (
                  <span className="badge accent done-note" role="status">
                    {bulk.done.text}
                    {bulk.done.undo && (
                      <button type="button" onClick={bulk.undo}>
                        Undo
                      </button>
                    )}
                    <button type="button" aria-label="Dismiss" onClick={bulk.dismiss}>
                      <Icon name="close" size={11} />
                    </button>
                  </span>
                )}
              </div>
              {picked.size > 0 && (
                <BulkBar
                  count={chosen.length}
                  busy={bulk.busy}
                  onMute={(choice) => bulk.mute(chosen, choice)}
                  onUnmute={() => bulk.unmute(chosen)}
                  onResolve={() => bulk.resolve(chosen)}
                  onDelete={() => setDialog("delete")}
                  onClear={clear}
                />
              )}
              {rows.length === 0 && (
                <Empty title="No monitor matches">
                  All words must match; fields are <code>status: type: tag: muted: notification: creator: title:</code>.
                </Empty>
              )}
              {rows.length > 0 && (
                <MonitorTable
                  {...{ rows, nowMs, at, picked }}
                  sort={sort || FIRST_SORT}
                  onSort={setSort}
                  onPick={pick}
                  onPickAll={pickAll}
                  onTag={(tag) => setQuery(filterBy(query, "tag", tag))}
                />
              )}
            </div>
          </div>
        )}
      </div>
      {(paste || pasted) && (
        <PasteDialog initial={pasted} onClose={() => (pasted ? setPasted(null) : setPaste(false))} />
      )}
      {dialog === "mute" && chosen.length > 0 && (
        <MuteDialog what={what} onMute={(choice) => bulk.mute(chosen, choice)} onClose={() => setDialog(null)} />
      )}
      <Confirm
        open={dialog === "delete"}
        title={`Delete ${what}?`}
        text="Their history and the state of their groups go with them. This cannot be undone."
        action={chosen.length === 1 ? "Delete" : `Delete ${chosen.length}`}
        busy={bulk.busy}
        onClose={() => setDialog(null)}
        onConfirm={() => bulk.remove(chosen, () => (clear(), setDialog(null)))}
      />
    </>
  );
}

const foundText = (shown: number, total: number) =>
  shown < total ? `the first ${formatCount(shown)} of ${formatCount(total)}` : `${formatCount(total)} found`;

function withFlag(params: URLSearchParams, on: boolean): URLSearchParams {
  const next = new URLSearchParams(params);
  if (on) next.set("paste", "1");
  else next.delete("paste");
  return next;
}

/** A monitor in the clipboard, pasted where no field is: it opens in the editor; several are imported. */
function usePasteAnywhere(open: (address: string) => void, importMany: (monitors: unknown[]) => void): void {
  const latest = useRef({ open, importMany });
  useEffect(() => {
    latest.current = { open, importMany };
  });
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if ((event.target as HTMLElement).closest("input, textarea, [contenteditable=true]")) return;
      const text = event.clipboardData?.getData("text") ?? "";
      const several = monitorsOf(text);
      if (several) return latest.current.importMany(several);
      const found = monitorOf(text);
      if ("monitor" in found) latest.current.open(editorWith(copyOf(found.monitor, found.monitor.name)));
    };
    window.addEventListener("paste", onPaste);
    return () => window.removeEventListener("paste", onPaste);
  }, []);
}

function NoMonitors({ onPaste }: { onPaste: () => void }) {
  const lines = useMemo(
    () => [
      `curl -X POST ${window.location.origin}/api/v1/monitor -H 'Content-Type: application/json' \\\n  -H 'DD-API-KEY: YOUR_KEY' -H 'DD-APPLICATION-KEY: YOUR_APP_KEY' -d @monitor.json`,
    ],
    [],
  );
  return (
    <Empty title="No monitors yet" lines={lines}>
      <p>Paste one that Datadog exported, make a new one, or post the file:</p>
      <p className="state-actions">
        <Button icon="copy" tone="primary" onClick={onPaste}>
          Paste a monitor
        </Button>
        <Link className="button" to="/monitors/new">
          <Icon name="plus" /> New monitor
        </Link>
      </p>
    </Empty>
  );
}
