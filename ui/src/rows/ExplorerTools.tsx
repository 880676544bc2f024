import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Scope, SearchAnswer } from "../api/rows";
import { formatCount } from "../format/units";
import { monitorOfSearch } from "../monitors/prefill";
import { Button, IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { toast } from "../ui/toast";
import { ColumnsMenu } from "./ColumnsMenu";
import { EXPORT_MAX, exportRows, type ExportKind } from "./export";
import type { RowsTab, RowsView, SetRowsView } from "./view";

interface Props {
  tabs: [RowsTab, string][];
  view: RowsView;
  set: SetRowsView;
  scope: Scope;
  columns: string[];
  total: number | null;
  first: SearchAnswer | undefined;
  /** Set while a live list is held for its reader: back to the top, and on. */
  onNewest?: () => void;
  onSave: () => void;
  onDelete: () => void;
}

/** Which view, how many, and what can be done with all of them. */
export function ExplorerTools({ tabs, view, set, scope, columns, total, first, onNewest, onSave, onDelete }: Props) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const { tab } = view;
  const listed = tab === "list" || tab === "tail";
  // Beside an open row there is no room for columns, nor for words.
  const narrow = view.row !== "";
  const save = (kind: ExportKind) => {
    setBusy(true);
    exportRows(scope, view.sort, kind, [...columns, "message"])
      .then((count) => toast(`${formatCount(count)} rows saved${count === EXPORT_MAX ? ", the first of them" : ""}`))
      .catch((error: unknown) => toast(error instanceof Error ? error.message : String(error), "bad"))
      .finally(() => setBusy(false));
  };
  return (
    <div className="rows-tools">
      <div className="segments" role="group" aria-label="View">
        {tabs.map(([id, label]) => (
          <button key={id} type="button" aria-pressed={tab === id} onClick={() => set({ tab: id })}>
            {label}
          </button>
        ))}
      </div>
      {tab !== "tail" && total !== null && (
        <span className="rows-count">
          <b>{formatCount(total)}</b> <span className="dim">{scope.signal}</span>
          {tab === "list" && first && <Cost first={first} />}
        </span>
      )}
      {onNewest && (
        <button type="button" className="badge warn held" title="The list is held while you read" onClick={onNewest}>
          held · newest
        </button>
      )}
      <Stop />
      <span className="grow" />
      {tab !== "tail" && (
        <Button tone="quiet" icon="dashboards" aria-label="Save to dashboard" onClick={onSave}>
          {!narrow && "Save to dashboard"}
        </Button>
      )}
      {listed && !narrow && <ColumnsMenu scope={scope} columns={columns} onChange={(next) => set({ columns: next })} />}
      {listed && (
        <IconButton
          icon="wrap"
          label={view.wrap ? "Cut lines" : "Wrap lines"}
          shortcut="w"
          aria-pressed={view.wrap}
          className={view.wrap ? "on" : ""}
          onClick={() => set({ wrap: !view.wrap }, true)}
        />
      )}
      <Menu
        trigger={<Button tone="quiet" icon="more" busy={busy} className="icon-only" aria-label="More actions" />}
        items={[
          { label: "Save as JSON lines", icon: "code", onSelect: () => save("json") },
          { label: "Save as CSV", icon: "metrics", onSelect: () => save("csv") },
          {
            label: "New monitor from this search",
            icon: "monitors",
            onSelect: () => void navigate(monitorOfSearch(scope.signal, view.query, tab === "group" ? view.by : [])),
          },
          null,
          { label: `Delete these ${scope.signal}…`, icon: "trash", danger: true, onSelect: onDelete },
        ]}
      />
    </div>
  );
}

/** A search that takes long can be given up: its button shows after a second. */
function Stop() {
  const client = useQueryClient();
  const busy = useIsFetching({ queryKey: ["query", "rows"] }) > 0;
  if (!busy) return null;
  return (
    <Button
      tone="quiet"
      icon="close"
      className="stop"
      onClick={() => void client.cancelQueries({ queryKey: ["query", "rows"] })}
    >
      Stop
    </Button>
  );
}

/** How the answer was found: a search that reads everything shows it. */
function Cost({ first }: { first: SearchAnswer }) {
  const { stats, elapsed_ms } = first;
  const blocks = stats ? stats.blocks_read + stats.blocks_pruned : 0;
  const hint = stats
    ? `${formatCount(stats.rows_scanned)} rows looked at; ${formatCount(stats.blocks_pruned)} of ${formatCount(blocks)} blocks skipped by the index`
    : undefined;
  return (
    <span className="dim" title={hint}>
      {` in ${elapsed_ms < 10 ? elapsed_ms.toFixed(1) : Math.round(elapsed_ms)} ms`}
    </span>
  );
}
