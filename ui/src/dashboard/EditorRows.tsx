import { useQuery } from "@tanstack/react-query";
import { facets, AGGREGATIONS, type Signal } from "../api/rows";
import { FieldInput } from "../rows/FieldInput";
import { SearchInput } from "../rows/SearchInput";
import { aggregationLabel } from "../rows/view";
import { usePageRange } from "../time/page";
import { Icon } from "../ui/Icon";
import type { WidgetQuery, WidgetRequest } from "./model";
import { rowsQueryOf, signalOf } from "./rowsSource";

export const SOURCES = ["metrics", "logs", "spans", "events"] as const;

/** A request of the plain form that turns to another source takes the form that has sources. */
export function withSource(request: WidgetRequest, index: number, source: string): WidgetRequest {
  const queries = request.queries ?? [{ data_source: "metrics", name: "a", query: request.q ?? "" }];
  const { q: _q, ...rest } = request;
  return {
    ...rest,
    queries: queries.map((query, at) => (at === index ? sourced(query, source) : query)),
    formulas: request.formulas ?? queries.map(({ name }) => ({ formula: name })),
  };
}

function sourced(query: WidgetQuery, source: string): WidgetQuery {
  const { name, search, compute, group_by } = query;
  if (source === "metrics") return { data_source: source, name, query: query.query ?? "" };
  return {
    data_source: source,
    name,
    search: search ?? { query: "" },
    compute: compute ?? { aggregation: "count" },
    group_by: group_by ?? [],
  };
}

export function SourceSelect({ value, onChange }: { value: string; onChange: (source: string) => void }) {
  const known: readonly string[] = SOURCES;
  return (
    <select
      className="input source"
      aria-label="Source"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {SOURCES.map((source) => (
        <option key={source}>{source}</option>
      ))}
      {!known.includes(value) && <option>{value}</option>}
    </select>
  );
}

/** Some hours of fields: enough to offer what there is, whatever the widget's own range. */
const FIELDS_MS = 4 * 3_600_000;

export function useFields(signal: Signal, query: string) {
  const { nowMs } = usePageRange();
  // In steps of an hour, so that a live page does not ask for the names again and again.
  const toMs = Math.ceil(nowMs / 3_600_000) * 3_600_000;
  const { data } = useQuery(facets({ signal, query, fromMs: toMs - FIELDS_MS, toMs }));
  return data?.facets ?? [];
}

interface Props {
  query: WidgetQuery;
  onChange: (part: Partial<WidgetQuery>) => void;
}

/** Search, figure and groups of one query about rows. */
export function RowsFields({ query, onChange }: Props) {
  const signal = signalOf(query.data_source) ?? "logs";
  const read = rowsQueryOf(query, (text) => text);
  const fields = useFields(signal, "");
  if (!read) return null;
  const { compute, group_by } = read;
  const sort = { aggregation: compute.aggregation, metric: compute.metric, order: "desc" as const };
  return (
    <div className="grow rows-fields">
      <SearchInput
        signal={signal}
        label={`Search of ${query.name}`}
        value={read.search.query}
        hotkey={false}
        onSubmit={(text) => onChange({ search: { query: text } })}
      />
      <div className="editor-row">
        <select
          className="input source"
          aria-label="Figure"
          value={compute.aggregation}
          onChange={(event) => onChange({ compute: { ...compute, aggregation: event.target.value } })}
        >
          {AGGREGATIONS.map((aggregation) => (
            <option key={aggregation} value={aggregation}>
              {aggregationLabel(aggregation)}
            </option>
          ))}
        </select>
        {compute.metric && (
          <Chip text={compute.metric} onRemove={() => onChange({ compute: { ...compute, metric: undefined } })} />
        )}
        {compute.aggregation !== "count" && !compute.metric && (
          <FieldInput
            label="Figure of"
            placeholder="of …"
            options={fields.map(({ field, kind }) => ({ value: field, detail: kind }))}
            free={(text) => text || null}
            onPick={(metric) => onChange({ compute: { ...compute, metric } })}
          />
        )}
        <span className="dim">by</span>
        {group_by.map(({ facet }) => (
          <Chip
            key={facet}
            text={facet}
            onRemove={() => onChange({ group_by: group_by.filter((each) => each.facet !== facet) })}
          />
        ))}
        <FieldInput
          key={group_by.length}
          label="Group by"
          placeholder={group_by.length > 0 ? "and …" : "any field"}
          options={fields.map(({ field, core }) => ({ value: field, detail: core ? "core" : "" }))}
          free={(text) => text || null}
          onPick={(facet) => onChange({ group_by: [...group_by, { facet, limit: 10, sort }] })}
        />
      </div>
    </div>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <span className="chip mono">
      {text}
      <button type="button" aria-label={`Remove ${text}`} onClick={onRemove}>
        <Icon name="close" size={11} />
      </button>
    </span>
  );
}
