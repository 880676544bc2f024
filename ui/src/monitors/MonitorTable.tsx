import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef, type MouseEvent } from "react";
import { Link } from "react-router";
import type { MonitorEntry } from "../api/monitorModel";
import { agoText, stamp } from "../format/clock";
import { Icon } from "../ui/Icon";
import { typeText } from "./status";
import { GroupsBar, MutedMark, StatusMark } from "./StatusMark";

interface Props {
  rows: MonitorEntry[];
  nowMs: number;
  /** The row that the keys are on. */
  at: number;
  picked: ReadonlySet<number>;
  sort: string;
  onSort: (sort: string) => void;
  /** With Shift, all rows from the last one picked. */
  onPick: (index: number, range: boolean) => void;
  onPickAll: (all: boolean) => void;
  onTag: (tag: string) => void;
}

const ROW_PX = 34;
const TAGS_SHOWN = 3;

/** Their widths are the style sheet's: a narrow screen leaves some out. */
const COLUMNS: [key: string, title: string][] = [
  ["status", "Status"],
  ["name", "Monitor"],
  ["type", "Type"],
  ["", "Tags"],
  ["", "Groups"],
  ["last_triggered", "Last triggered"],
  ["", "Muted"],
  ["", "Creator"],
];

/** Monitors in rows of which only those in view are made. */
export function MonitorTable(props: Props) {
  "use no memo";
  const { rows, nowMs, at, picked, sort, onSort, onPick, onPickAll, onTag } = props;
  const root = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called in this component only
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => root.current,
    estimateSize: () => ROW_PX,
    overscan: 14,
  });
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, virtual]);
  const all = rows.length > 0 && picked.size === rows.length;
  return (
    <div ref={root} className="virtual monitor-table" role="grid" aria-label="Monitors" aria-rowcount={rows.length}>
      <div className="v-head" role="row">
        <div role="columnheader" className="pick-cell">
          <input
            type="checkbox"
            aria-label={all ? "Choose none" : "Choose all"}
            checked={all}
            ref={(box) => {
              if (box) box.indeterminate = picked.size > 0 && !all;
            }}
            onChange={() => onPickAll(!all)}
          />
        </div>
        {COLUMNS.map(([key, title]) => (
          <Head key={title} name={key} title={title} sort={sort} onSort={onSort} />
        ))}
      </div>
      <div className="v-rows" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          const on = item.index === at;
          return (
            <div
              key={row.id}
              role="row"
              aria-selected={picked.has(row.id)}
              aria-rowindex={item.index + 1}
              className={`v-row ${on ? "on" : ""} ${picked.has(row.id) ? "picked" : ""}`}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              <div role="gridcell" className="pick-cell">
                <input
                  type="checkbox"
                  aria-label={`Choose ${row.name}`}
                  checked={picked.has(row.id)}
                  onChange={() => undefined}
                  onClick={(event: MouseEvent) => onPick(item.index, event.shiftKey)}
                />
              </div>
              <Cells row={row} nowMs={nowMs} onTag={onTag} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface HeadProps {
  name: string;
  title: string;
  sort: string;
  onSort: (sort: string) => void;
}

function Head({ name, title, sort, onSort }: HeadProps) {
  const up = sort === `${name},asc`;
  const down = sort === `${name},desc`;
  const first = name === "last_triggered" ? "desc" : "asc";
  const next = up ? "desc" : down ? "asc" : first;
  if (name === "")
    return (
      <div role="columnheader">
        <span>{title}</span>
      </div>
    );
  return (
    <div role="columnheader" aria-sort={down ? "descending" : up ? "ascending" : "none"}>
      <button type="button" onClick={() => onSort(`${name},${next}`)}>
        {title}
        {down ? " ↓" : up ? " ↑" : ""}
      </button>
    </div>
  );
}

const Cells = memo(function Cells({
  row,
  nowMs,
  onTag,
}: {
  row: MonitorEntry;
  nowMs: number;
  onTag: (tag: string) => void;
}) {
  const { evaluation, tags } = row;
  return (
    <>
      <div role="gridcell">
        <StatusMark status={row.status} />
      </div>
      <div role="gridcell" className="monitor-name">
        <Link to={`/monitors/${row.id}`} title={`${row.name}\n${row.query}`}>
          {row.name}
        </Link>
        {row.priority != null && <span className="badge">{`P${row.priority}`}</span>}
        {evaluation.error && (
          <span className="evaluation-error" title={`The last evaluation failed: ${evaluation.error}`}>
            <Icon name="warn" size={14} />
            <span className="only-read">{`The last evaluation failed: ${evaluation.error}`}</span>
          </span>
        )}
      </div>
      <div role="gridcell" className="dim">
        {typeText(row.type)}
      </div>
      <div role="gridcell">
        {tags.slice(0, TAGS_SHOWN).map((tag) => (
          <button
            key={tag}
            type="button"
            className="tag"
            title={`Only monitors with ${tag}`}
            onClick={() => onTag(tag)}
          >
            {tag}
          </button>
        ))}
        {tags.length > TAGS_SHOWN && (
          <span className="dim" title={tags.slice(TAGS_SHOWN).join("\n")}>{`+${tags.length - TAGS_SHOWN}`}</span>
        )}
      </div>
      <div role="gridcell">
        <GroupsBar counts={row.groups} />
      </div>
      <div role="gridcell" className="dim" title={row.last_triggered_ms ? stamp(row.last_triggered_ms) : undefined}>
        {agoText(row.last_triggered_ms, nowMs)}
      </div>
      <div role="gridcell">
        <MutedMark muted={row.muted} />
      </div>
      <div role="gridcell" className="dim">
        {row.creator}
      </div>
    </>
  );
});
