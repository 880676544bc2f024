import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
  type ColumnDef,
  type SortingState,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState, type CSSProperties, type KeyboardEvent } from "react";

declare module "@tanstack/react-table" {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the merged interface has to name both parameters
  interface ColumnMeta<TData, TValue> {
    /** A CSS grid width. */
    width?: string;
    align?: "num";
  }
}

interface Props<T> {
  rows: T[];
  columns: ColumnDef<T>[];
  label: string;
  idOf: (row: T) => string;
  onOpen?: (row: T) => void;
  selected?: string | null;
  sort?: SortingState;
  /** Told of every change of the order, for pages that keep it in the URL. */
  onSort?: (sort: SortingState) => void;
  rowPx?: number;
}

/** Rows of any number: only those in view are made. Headers sort; Enter and a click open. */
export function VirtualTable<T>({
  rows,
  columns,
  label,
  idOf,
  onOpen,
  selected,
  sort = [],
  onSort,
  rowPx = 32,
}: Props<T>) {
  "use no memo";
  const [sorting, setSorting] = useState<SortingState>(sort);
  const root = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the table's functions are called in this component only
  const table = useReactTable({
    data: rows,
    columns,
    state: { sorting },
    onSortingChange: (change) => {
      const next = typeof change === "function" ? change(sorting) : change;
      setSorting(next);
      onSort?.(next);
    },
    getRowId: idOf,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    sortDescFirst: true,
    // There are no pages to reset, and a reset on every new list of rows would render without end.
    autoResetAll: false,
  });
  const shown = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => root.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  const widths = table.getAllLeafColumns().map((column) => column.columnDef.meta?.width ?? "minmax(0, 1fr)");
  const style: CSSProperties = { gridTemplateColumns: widths.join(" ") };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter") onOpen?.(shown[index].original);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    root.current?.querySelector<HTMLElement>(`[data-index="${index + step}"]`)?.focus();
  };
  return (
    <div ref={root} className="virtual" role="table" aria-label={label} aria-rowcount={shown.length}>
      {table.getHeaderGroups().map((group) => (
        <div key={group.id} className="v-head" role="row" style={style}>
          {group.headers.map((header) => {
            const { column } = header;
            const direction = column.getIsSorted();
            const text = flexRender(column.columnDef.header, header.getContext());
            return (
              <div
                key={header.id}
                role="columnheader"
                className={column.columnDef.meta?.align}
                aria-sort={direction === "asc" ? "ascending" : direction === "desc" ? "descending" : "none"}
              >
                {column.getCanSort() ? (
                  <button type="button" onClick={column.getToggleSortingHandler()}>
                    {text}
                    {direction === "asc" ? " ↑" : direction === "desc" ? " ↓" : ""}
                  </button>
                ) : (
                  <span>{text}</span>
                )}
              </div>
            );
          })}
        </div>
      ))}
      <div className="v-rows" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = shown[item.index];
          return (
            <div
              key={row.id}
              role="row"
              data-index={item.index}
              tabIndex={onOpen ? 0 : undefined}
              className={`v-row ${onOpen ? "link" : ""} ${selected === row.id ? "on" : ""}`}
              style={{ ...style, height: item.size, transform: `translateY(${item.start}px)` }}
              onClick={(event) => !(event.target as HTMLElement).closest("a, button") && onOpen?.(row.original)}
              onKeyDown={(event) => onKey(event, item.index)}
            >
              {row.getVisibleCells().map((cell) => (
                <div key={cell.id} role="cell" className={cell.column.columnDef.meta?.align}>
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
