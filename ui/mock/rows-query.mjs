/** Enough of the search syntax for the mock: words, phrases, field:value, lists, comparisons, negation. */

const CORE = {
  operation_name: "name",
  resource_name: "resource",
  title: "name",
  duration: "duration_ns",
  content: "message",
};

export function valuesOf(row, field) {
  if (field === "@duration") return [row.duration_ns];
  if (field.startsWith("@")) {
    const value = field
      .slice(1)
      .split(".")
      .reduce((at, key) => at?.[key], row.attributes);
    return value === undefined ? [] : [value].flat();
  }
  const own = row[CORE[field] ?? field];
  if (own !== undefined && typeof own !== "object") return [own];
  return row.tags?.[field] === undefined ? [] : [row.tags[field]].flat();
}

function split(query) {
  return query.match(/-?@?[\w.*]+:\([^)]*\)|-?@?[\w.*]+:\[[^\]]*\]|-?(@?[\w.*]+:)?("(\\.|[^"\\])*"|[^\s"]+)/g) ?? [];
}

const unquote = (text) => text.replace(/^"([^]*)"$/, "$1").replace(/\\(.)/g, "$1");

function number(text) {
  const match = /^(-?[\d.]+)(ns|us|ms|s|m|h)?$/.exec(text);
  return match ? Number(match[1]) * ({ ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 }[match[2]] ?? 1) : NaN;
}

function testValue(values, wanted) {
  const compare = /^(>=|<=|>|<)(.+)$/.exec(wanted);
  const ops = { ">": (a, b) => a > b, "<": (a, b) => a < b, ">=": (a, b) => a >= b, "<=": (a, b) => a <= b };
  if (compare) return values.some((value) => ops[compare[1]](Number(value), number(compare[2])));
  const range = /^\[(\S+) TO (\S+)\]$/.exec(wanted);
  if (range) {
    const [low, high] = [
      range[1] === "*" ? -Infinity : number(range[1]),
      range[2] === "*" ? Infinity : number(range[2]),
    ];
    return values.some((value) => Number(value) >= low && Number(value) <= high);
  }
  const list = /^\(([^]*)\)$/.exec(wanted);
  if (list) return list[1].split(/ OR /).some((each) => testValue(values, each));
  if (wanted === "*") return values.length > 0;
  const text = unquote(wanted);
  if (!wanted.startsWith('"') && text.includes("*")) {
    const pattern = new RegExp(
      `^${text
        .split("*")
        .map((part) => part.replace(/[^\w]/g, "\\$&"))
        .join(".*")}$`,
    );
    return values.some((value) => pattern.test(String(value)));
  }
  return values.some((value) => String(value) === text);
}

function testTerm(row, term) {
  if (term.startsWith("-") && term.length > 1) return !testTerm(row, term.slice(1));
  const match = /^(@?[\w.*]+):([^]+)$/.exec(term);
  if (match?.[1] === "*") return JSON.stringify(row).toLowerCase().includes(unquote(match[2]).toLowerCase());
  if (match) return testValue(valuesOf(row, match[1]), match[2]);
  const word = unquote(term).replaceAll("*", "").toLowerCase();
  return `${row.message ?? ""} ${row.name ?? ""}`.toLowerCase().includes(word);
}

/** A test of rows, or the fault of the query. */
export function readQuery(query) {
  const opened = query.split("(").length;
  if (opened !== query.split(")").length)
    return {
      error: { message: "a bracket is not closed", position: Math.max(0, query.lastIndexOf("(")), expected: [")"] },
    };
  if (/:(\s|$)/.test(query))
    return {
      error: {
        message: "a field without a value",
        position: query.search(/\S+:(\s|$)/),
        expected: ["value", '"', "(", "["],
      },
    };
  const terms = split(query).filter((term) => !["AND", "*"].includes(term));
  return { test: (row) => terms.every((term) => testTerm(row, term)) };
}
