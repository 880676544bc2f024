import { useState } from "react";
import { QueryInput } from "../editor/QueryInput";
import { IconButton } from "../ui/Button";
import { RowsFields, SourceSelect, withSource } from "./EditorRows";
import { signalOf } from "./rowsSource";
import type { WidgetFormula, WidgetQuery, WidgetRequest } from "./model";

const STYLES = ["line", "area", "bars"] as const;
const AGGREGATORS = ["avg", "last", "max", "min", "sum"];

interface Props {
  request: WidgetRequest;
  type: string;
  removable: boolean;
  onChange: (request: WidgetRequest | null) => void;
}

/** One request in the form that it came in: `q`, or queries with formulas. */
export function RequestEditor({ request, type, removable, onChange }: Props) {
  return (
    <div className="request">
      {request.queries ? (
        <Formulas request={request} onChange={onChange} />
      ) : (
        <Plain request={request} onChange={onChange} />
      )}
      <div className="request-tools">
        {type === "timeseries" ? (
          <select
            className="input"
            aria-label="Drawn as"
            value={request.display_type ?? "line"}
            onChange={(event) => onChange({ ...request, display_type: event.target.value as "line" })}
          >
            {STYLES.map((style) => (
              <option key={style}>{style}</option>
            ))}
          </select>
        ) : (
          <select
            className="input"
            aria-label="Reduced by"
            value={aggregatorIn(request)}
            onChange={(event) => onChange(withAggregator(request, event.target.value))}
          >
            {AGGREGATORS.map((word) => (
              <option key={word}>{word}</option>
            ))}
          </select>
        )}
        {type === "query_table" && !request.queries && (
          <input
            className="input"
            aria-label="Column title"
            placeholder="Column title"
            value={request.alias ?? ""}
            onChange={(event) => onChange({ ...request, alias: event.target.value })}
          />
        )}
        {removable && <IconButton icon="trash" label="Remove this query" onClick={() => onChange(null)} />}
      </div>
    </div>
  );
}

function aggregatorIn(request: WidgetRequest): string {
  return request.queries?.find(({ aggregator }) => aggregator)?.aggregator ?? request.aggregator ?? "avg";
}

function withAggregator(request: WidgetRequest, aggregator: string): WidgetRequest {
  if (!request.queries) return { ...request, aggregator };
  return { ...request, queries: request.queries.map((query) => ({ ...query, aggregator })) };
}

function Plain({ request, onChange }: { request: WidgetRequest; onChange: (request: WidgetRequest) => void }) {
  return (
    <div className="grow query-row">
      <SourceSelect value="metrics" onChange={(source) => onChange(withSource(request, 0, source))} />
      <DraftQuery label="Query" value={request.q ?? ""} onChange={(q) => onChange({ ...request, q })} />
    </div>
  );
}

function Formulas({ request, onChange }: { request: WidgetRequest; onChange: (request: WidgetRequest) => void }) {
  const queries = request.queries ?? [];
  const formulas = request.formulas ?? [];
  const setQuery = (index: number, part: Partial<WidgetQuery>) =>
    onChange({ ...request, queries: queries.map((old, at) => (at === index ? { ...old, ...part } : old)) });
  const setFormula = (index: number, part: Partial<WidgetFormula>) =>
    onChange({ ...request, formulas: formulas.map((old, at) => (at === index ? { ...old, ...part } : old)) });
  return (
    <div className="grow query-rows">
      {queries.map((query, index) => {
        const source = query.data_source ?? "metrics";
        return (
          <div key={query.name} className="query-row">
            <span className="query-name">{query.name.slice(0, 8)}</span>
            <SourceSelect value={source} onChange={(next) => onChange(withSource(request, index, next))} />
            {source === "metrics" && (
              <DraftQuery
                label={`Query ${query.name}`}
                value={query.query ?? ""}
                onChange={(text) => setQuery(index, { query: text })}
              />
            )}
            {signalOf(source) && <RowsFields query={query} onChange={(part) => setQuery(index, part)} />}
            {source !== "metrics" && !signalOf(source) && (
              <span className="dim">{source} query: kept, not drawn yet</span>
            )}
          </div>
        );
      })}
      {formulas.map(({ formula, alias }, index) => (
        <div key={index} className="query-row">
          <span className="query-name">=</span>
          <input
            className="input grow"
            aria-label="Formula"
            value={formula}
            onChange={(event) => setFormula(index, { formula: event.target.value })}
          />
          <input
            className="input alias"
            aria-label="Alias"
            placeholder="Alias"
            value={alias ?? ""}
            onChange={(event) => setFormula(index, { alias: event.target.value || undefined })}
          />
        </div>
      ))}
    </div>
  );
}

/** The chart follows on Enter, and when the field is left: not on every key. */
function DraftQuery({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <div className="grow" onBlur={() => text !== value && onChange(text)}>
      <QueryInput label={label} value={text} onChange={setText} onSubmit={() => onChange(text)} />
    </div>
  );
}
