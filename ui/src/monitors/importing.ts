/** Exports of many monitors: Datadog's list, `{"monitors": […]}`, or one object a line. */

/** Several monitors; null for anything else, one alone among it. */
export function monitorsOf(text: string): unknown[] | null {
  const list = listOf(text);
  return list !== null && list.length > 1 && list.every(isMonitor) ? list : null;
}

function listOf(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value as unknown[];
    const inner = value !== null && typeof value === "object" ? (value as { monitors?: unknown }).monitors : null;
    return Array.isArray(inner) ? (inner as unknown[]) : null;
  } catch {
    return linesOf(text);
  }
}

function linesOf(text: string): unknown[] | null {
  try {
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line): unknown => JSON.parse(line));
  } catch {
    return null;
  }
}

const isMonitor = (value: unknown) => value !== null && typeof value === "object" && "type" in value;

export const countText = (n: number, one: string) => `${n} ${n === 1 ? one : `${one}s`}`;
