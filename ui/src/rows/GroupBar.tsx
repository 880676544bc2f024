import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { AGGREGATIONS, facets, type Facet, type Scope } from "../api/rows";
import { Icon } from "../ui/Icon";
import { FieldInput, type FieldOption } from "./FieldInput";
import {
  aggregationLabel,
  computeLabel,
  computeText,
  LIMITS,
  parseCompute,
  type RowsView,
  type SetRowsView,
} from "./view";

const BY_MAX = 4;
const COMPUTES_MAX = 6;
const DISPLAYS = [
  ["timeseries", "Over time"],
  ["table", "Table"],
  ["toplist", "Top list"],
] as const;

/** The question in words: show these figures, by these fields, the top so many, drawn so. */
export function GroupBar({ scope, view, set }: { scope: Scope; view: RowsView; set: SetRowsView }) {
  const { data } = useQuery(facets(scope));
  const all = useMemo(() => data?.facets ?? [], [data]);
  const fields = useMemo(() => fieldOptions(all).filter(({ value }) => !view.by.includes(value)), [all, view.by]);
  const measures = useMemo(() => measureOptions(all), [all]);
  return (
    <div className="group-bar" role="group" aria-label="Group by">
      <span className="dim">Show</span>
      {view.computes.map((compute, index) => (
        <Chip
          key={computeText(compute)}
          text={computeLabel(compute)}
          onRemove={
            view.computes.length > 1
              ? () => set({ computes: view.computes.filter((_, at) => at !== index) })
              : undefined
          }
        />
      ))}
      {view.computes.length < COMPUTES_MAX && (
        <FieldInput
          label="Add a figure"
          placeholder="p95 of …"
          options={measures}
          free={(text) => (typedMeasure(text) ? text : null)}
          onPick={(text) => {
            const compute = parseCompute(text) ?? typedMeasure(text);
            const there = compute && view.computes.some((each) => computeText(each) === computeText(compute));
            if (compute && !there) set({ computes: [...view.computes, compute] });
          }}
        />
      )}
      <span className="dim">by</span>
      {view.by.map((field) => (
        <Chip key={field} text={field} onRemove={() => set({ by: view.by.filter((each) => each !== field) })} />
      ))}
      {view.by.length < BY_MAX && (
        <FieldInput
          key={view.by.length}
          label="Add a field to group by"
          placeholder={view.by.length === 0 ? "any attribute or tag" : "and …"}
          options={fields}
          autoFocus={view.by.length === 0}
          free={(text) => (/^@?[\w.$/-]+$/.test(text) ? text : null)}
          onPick={(field) => set({ by: [...view.by, field] })}
        />
      )}
      <select
        className="input group-limit"
        aria-label="How many groups"
        value={view.limit}
        onChange={(event) => set({ limit: Number(event.target.value) })}
      >
        {LIMITS.map((limit) => (
          <option key={limit} value={limit}>
            top {limit}
          </option>
        ))}
      </select>
      <span className="grow" />
      <div className="segments" role="group" aria-label="Drawn as">
        {DISPLAYS.map(([id, label]) => (
          <button key={id} type="button" aria-pressed={view.display === id} onClick={() => set({ display: id })}>
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove?: () => void }) {
  return (
    <span className="chip mono">
      {text}
      {onRemove && (
        <button type="button" aria-label={`Remove ${text}`} onClick={onRemove}>
          <Icon name="close" size={11} />
        </button>
      )}
    </span>
  );
}

function fieldOptions(all: Facet[]): FieldOption[] {
  return all.map(({ field, core, kind }) => ({
    value: field,
    detail: core ? "core" : field.startsWith("@") ? kind : "tag",
  }));
}

/** `p95 dur` finds `p95 of @duration`: figures of numbers first, distinct values of anything after. */
function measureOptions(all: Facet[]): FieldOption[] {
  const numbers = all.filter(({ kind }) => kind === "number");
  const plain = AGGREGATIONS.filter((aggregation) => aggregation !== "count" && aggregation !== "cardinality");
  const favourite = ["pc95", "median", "pc99", "avg", "max", "sum", "min", "pc90", "pc75", "pc98"];
  const order = [...plain].sort((a, b) => favourite.indexOf(a) - favourite.indexOf(b));
  return [
    { value: "count", label: "count", detail: "rows" },
    ...order.flatMap((aggregation) =>
      numbers.map(({ field }) => ({
        value: `${aggregation}:${field}`,
        label: computeLabel({ aggregation, field }),
      })),
    ),
    ...all.map(({ field }) => ({ value: `cardinality:${field}`, label: `unique of ${field}` })),
  ];
}

/** `p95 of @duration` typed out, for a field that the list does not know. */
function typedMeasure(text: string) {
  const match = /^(\w+)(?:\s+of)?\s+(@?[\w.$/-]+)$/.exec(text.trim());
  const aggregation = AGGREGATIONS.find((each) => each === match?.[1] || aggregationLabel(each) === match?.[1]);
  return match && aggregation ? { aggregation, field: match[2] } : null;
}
