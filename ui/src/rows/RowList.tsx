import { useVirtualizer } from "@tanstack/react-virtual";
import {
  memo,
  useEffect,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
} from "react";
import type { Row } from "../api/rows";
import { useHotkeys } from "../app/hotkeys";
import { useValueMenu } from "./actions";
import type { RowColumn } from "./columns";
import { toneOf } from "./status";
import { filterable, valueOf } from "./value";

interface Props {
  rows: Row[];
  columns: RowColumn[];
  label: string;
  /** The id of the row whose detail is open. */
  open: string;
  onOpen: (row: Row | null) => void;
  sort?: string;
  onSort?: (sort: string) => void;
  wrap?: boolean;
  /** Called when the last rows come near; asked again as long as it is the case. */
  onEnd?: () => void;
  /** Told when the reader leaves the top, and when they are back: a list that is read must not move. */
  onAway?: (away: boolean) => void;
  foot?: string;
  rowPx?: number;
  /** One list of several on a page: it leaves the keys j and k alone until it has the focus. */
  quiet?: boolean;
}

const NEAR_END = 40;

/** Rows of any number, of which only those in view are made. j and k walk, Enter opens, Esc closes. */
export function RowList(props: Props) {
  "use no memo";
  const {
    rows,
    columns,
    label,
    open,
    onOpen,
    sort,
    onSort,
    wrap = false,
    onEnd,
    onAway,
    foot,
    rowPx = 25,
    quiet = false,
  } = props;
  const root = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState("");
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called in this component only
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => root.current,
    getItemKey: (index) => rows[index].id,
    estimateSize: () => rowPx,
    overscan: 16,
  });
  const items = virtual.getVirtualItems();
  const last = items.length > 0 ? items[items.length - 1].index : 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) onEnd?.();
  }, [last, rows.length, onEnd]);
  useEffect(() => virtual.measure(), [wrap, rowPx, virtual]);
  const at = useMemo(() => rows.findIndex(({ id }) => id === (open || current)), [rows, open, current]);
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setCurrent(row.id);
    virtual.scrollToIndex(rows.indexOf(row), { align: "auto" });
    root.current?.focus({ preventScroll: true });
    if (open) onOpen(row);
  };
  useHotkeys({
    ...(quiet ? {} : { j: () => go(at + 1), k: () => go(at < 0 ? 0 : at - 1) }),
    ...(open ? { Escape: () => onOpen(null) } : {}),
  });
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((root.current?.clientHeight ?? 400) / rowPx) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: page, PageUp: -page };
    if (event.key === "Enter" && rows[at]) onOpen(open === rows[at].id ? null : rows[at]);
    else if (event.key in steps) go((at < 0 ? -1 : at) + steps[event.key]);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(rows.length - 1);
    else return;
    event.preventDefault();
  };
  const style: CSSProperties = { gridTemplateColumns: `5px ${columns.map(({ width }) => width).join(" ")}` };
  const click = (row: Row) => {
    setCurrent(row.id);
    if (window.getSelection()?.isCollapsed !== false) onOpen(open === row.id ? null : row);
  };
  return (
    <div
      ref={root}
      className={`row-list ${wrap ? "wrap" : ""} ${open ? "narrow" : ""}`}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length}
      aria-activedescendant={at >= 0 ? `row-${rows[at].id}` : undefined}
      tabIndex={0}
      onKeyDown={onKey}
      onScroll={(event) => onAway?.(event.currentTarget.scrollTop > rowPx * 2)}
    >
      <div className="row-head" role="row" style={style}>
        <span />
        {columns.map((column) => (
          <Head key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </div>
      <div className="row-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return (
            <div
              key={item.key}
              id={`row-${row.id}`}
              ref={wrap ? virtual.measureElement : undefined}
              role="row"
              data-index={item.index}
              aria-selected={row.id === open}
              className={`row-line ${row.id === open ? "open" : ""} ${item.index === at ? "at" : ""}`}
              style={{
                ...style,
                transform: `translateY(${item.start}px)`,
                ...(wrap ? { minHeight: rowPx } : { height: rowPx }),
              }}
              onClick={(event) => !(event.target as HTMLElement).closest("a, button") && click(row)}
            >
              <Cells row={row} columns={columns} />
            </div>
          );
        })}
      </div>
      {foot && <p className="row-foot dim">{foot}</p>}
    </div>
  );
}

const Cells = memo(function Cells({ row, columns }: { row: Row; columns: RowColumn[] }) {
  const menu = useValueMenu();
  const onMenu = (event: MouseEvent, field: string | undefined) => {
    if (!field || !menu) return;
    event.preventDefault();
    menu({ x: event.clientX, y: event.clientY }, field, filterable(valueOf(row, field)));
  };
  return (
    <>
      <span className={`row-tone ${toneOf(row.status)}`} title={row.status} />
      {columns.map((column) => (
        <span
          key={column.id}
          role="gridcell"
          className={`row-cell ${column.align ?? ""}`}
          onContextMenu={(event) => onMenu(event, column.field)}
        >
          {column.cell(row)}
        </span>
      ))}
    </>
  );
});

interface HeadProps {
  column: RowColumn;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}

function Head({ column, sort, onSort }: HeadProps) {
  const key = column.sort;
  const down = sort === `-${key}`;
  const up = sort === key;
  if (!key || !onSort)
    return (
      <span role="columnheader" className={`row-cell ${column.align ?? ""}`}>
        {column.title}
      </span>
    );
  return (
    <span
      role="columnheader"
      className={`row-cell ${column.align ?? ""}`}
      aria-sort={down ? "descending" : up ? "ascending" : "none"}
    >
      <button type="button" onClick={() => onSort(down ? key : `-${key}`)}>
        {column.title}
        {down ? " ↓" : up ? " ↑" : ""}
      </button>
    </span>
  );
}
