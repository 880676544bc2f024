import type { ReactNode } from "react";
import { dayText, timeOfDay } from "../format/clock";
import type { Row } from "../api/rows";
import { toneOf } from "./status";
import { cellText, headline } from "./value";

export interface RowColumn {
  id: string;
  title: string;
  /** A CSS grid width. */
  width: string;
  align?: "num";
  /** The field that a right click on a cell is about. */
  field?: string;
  /** What the server sorts by, without its sign. */
  sort?: string;
  cell: (row: Row) => ReactNode;
}

const millis = (ms: number) => String(Math.floor(ms) % 1000).padStart(3, "0");

/** To the ms, in the reader's own zone. */
export function exactTime(ms: number, day = true): string {
  return `${day ? `${dayText(ms)} ` : ""}${timeOfDay(ms)}.${millis(ms)}`;
}

export const TIME_COLUMN: RowColumn = {
  id: "time",
  title: "Time",
  width: "164px",
  sort: "timestamp",
  cell: (row) => (
    <span className="row-time">
      <span className="dim">{dayText(row.time_ms)}</span> {exactTime(row.time_ms, false)}
    </span>
  ),
};

/** Beside an open row there is little room: the day is in its head. */
export const CLOCK_COLUMN: RowColumn = {
  ...TIME_COLUMN,
  width: "108px",
  cell: (row) => exactTime(row.time_ms, false),
};

export const STATUS_COLUMN: RowColumn = {
  id: "status",
  title: "Status",
  width: "76px",
  field: "status",
  cell: ({ status }) => (status ? <StatusBadge status={status} /> : null),
};

export function StatusBadge({ status }: { status: string }) {
  return <span className={`status ${toneOf(status)}`}>{status}</span>;
}

const WIDTHS: Record<string, string> = {
  service: "110px",
  host: "110px",
  source: "90px",
  env: "70px",
  version: "90px",
  trace_id: "150px",
};

const TITLES: Record<string, string> = {
  service: "Service",
  host: "Host",
  source: "Source",
  env: "Env",
  version: "Version",
  status: "Status",
  operation_name: "Operation",
  resource_name: "Resource",
  type: "Type",
  trace_id: "Trace",
  "@duration": "Duration",
};

/** Core fields have names of their own; attributes and tags are called as they are. */
export const fieldTitle = (field: string) => TITLES[field] ?? field.replace(/^@/, "");

/** A column of one field, as the search names it. */
export function fieldColumn(field: string): RowColumn {
  if (field === "status") return STATUS_COLUMN;
  return {
    id: field,
    title: fieldTitle(field),
    width: WIDTHS[field] ?? "140px",
    field,
    // Words of a core field are few: sorting by them says nothing that grouping does not say better.
    sort: field.startsWith("@") ? field : undefined,
    cell: (row) => cellText(row, field),
  };
}

/** What a log says; the rest of the width is its. */
export const CONTENT_COLUMN: RowColumn = {
  id: "content",
  title: "Content",
  width: "minmax(0, 1fr)",
  field: "message",
  cell: (row) => <span className="row-content">{headline(row)}</span>,
};

export const EVENT_COLUMN: RowColumn = {
  id: "event",
  title: "Event",
  width: "minmax(0, 1fr)",
  field: "title",
  cell: (row) => (
    <span className="row-event">
      <b>{row.name}</b> <span className="dim">{row.message?.split("\n")[0]}</span>
    </span>
  ),
};
