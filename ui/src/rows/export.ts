/** What was found, as a file: asked page by page, so that neither side holds more than it must. */
import { rowPage, type Row, type Scope } from "../api/rows";
import { cellText, plainRow } from "./value";

/** A spreadsheet's sensible size; what is larger is SQL's business. */
export const EXPORT_MAX = 10_000;
const PAGE = 1_000;

export type ExportKind = "json" | "csv";

export async function exportRows(scope: Scope, sort: string, kind: ExportKind, columns: string[]): Promise<number> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const { rows: page, next, error } = await rowPage(scope, sort, PAGE, cursor);
    if (error) throw new Error(error.message);
    rows.push(...page);
    cursor = next ?? undefined;
  } while (cursor && rows.length < EXPORT_MAX);
  const kept = rows.slice(0, EXPORT_MAX);
  const text = kind === "json" ? kept.map((row) => JSON.stringify(plainRow(row))).join("\n") : csvOf(kept, columns);
  save(text, `${scope.signal}-${new Date(scope.toMs).toISOString().slice(0, 19)}.${kind === "json" ? "jsonl" : "csv"}`);
  return kept.length;
}

/** A cell that a spreadsheet would run as a formula gets an apostrophe: logs hold what strangers wrote. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf(rows: Row[], columns: string[]): string {
  const lines = rows.map((row) =>
    [new Date(row.time_ms).toISOString(), ...columns.map((field) => cellText(row, field))].map(cell).join(","),
  );
  return [["timestamp", ...columns].map(cell).join(","), ...lines].join("\r\n");
}

function save(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
