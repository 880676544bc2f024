import { useState } from "react";
import type { MonitorList } from "../api/monitorModel";
import { formatCount } from "../format/units";
import { chosen, clear, exclude, filterBy, toggle } from "../rows/filters";
import { Icon } from "../ui/Icon";
import { SearchField } from "../ui/SearchField";
import { STATUSES, toneOfStatus, typeText } from "./status";

interface Props {
  counts: MonitorList["counts"];
  query: string;
  onQuery: (query: string) => void;
}

const TAGS_SHOWN = 40;

interface Value {
  value: string;
  label?: string;
  count: number;
  tone?: string;
}

/** Status, type, tags and mutes of all monitors, as ticks that write the search. */
export function ListFacets({ counts, query, onQuery }: Props) {
  const [tag, setTag] = useState("");
  // A status that no monitor has now is still one to look for.
  const statuses = STATUSES.filter((status) => status !== "Unknown" || counts.status[status]).map((value) => ({
    value,
    count: counts.status[value] ?? 0,
    tone: toneOfStatus(value),
  }));
  const types = byCount(counts.type).map((each) => ({ ...each, label: typeText(each.value) }));
  const tags = byCount(counts.tag).filter(({ value }) => value.includes(tag.trim()));
  const shared = { query, onQuery };
  return (
    <aside className="facets monitor-facets" aria-label="Facets">
      <Facet title="Status" field="status" values={statuses} {...shared} />
      <Facet
        title="Muted"
        field="muted"
        values={[{ value: "true", label: "Muted", count: counts.muted }]}
        {...shared}
      />
      <Facet title="Type" field="type" values={types} {...shared} />
      {Object.keys(counts.tag).length > 8 && <SearchField value={tag} onChange={setTag} label="Find a tag" />}
      <Facet title="Tags" field="tag" values={tags.slice(0, TAGS_SHOWN)} {...shared} />
      {tags.length > TAGS_SHOWN && <p className="dim facet-none">{`and ${tags.length - TAGS_SHOWN} more`}</p>}
    </aside>
  );
}

const byCount = (counts: Record<string, number>): Value[] =>
  Object.entries(counts)
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));

interface FacetProps {
  title: string;
  field: string;
  values: Value[];
  query: string;
  onQuery: (query: string) => void;
}

function Facet({ title, field, values, query, onQuery }: FacetProps) {
  const { included, excluded } = chosen(query, field);
  const has = (list: string[], value: string) => list.some((each) => each.toLowerCase() === value.toLowerCase());
  const most = Math.max(1, ...values.map(({ count }) => count));
  if (values.length === 0) return null;
  return (
    <section className="facet-group" aria-label={title}>
      <h2>{title}</h2>
      <ul className="facet-body">
        {values.map(({ value, label, count, tone }) => {
          const only = included.length === 1 && has(included, value);
          return (
            <li key={value} className={`facet-value ${has(excluded, value) ? "barred" : ""}`}>
              <span className="facet-bar" style={{ width: `${(count / most) * 100}%` }} aria-hidden="true" />
              <input
                type="checkbox"
                checked={has(included, value)}
                aria-label={`${title}: ${label ?? value}`}
                onChange={() => onQuery(toggle(query, field, written(field, value)))}
              />
              <button
                type="button"
                className="facet-name cut"
                title={`Only ${label ?? value}`}
                onClick={() => onQuery(only ? clear(query, field) : filterBy(query, field, written(field, value)))}
              >
                {tone && <span className={`dot ${tone}`} />}
                {label ?? value}
              </button>
              <button
                type="button"
                className="facet-not"
                aria-label={`Exclude ${label ?? value}`}
                title="Exclude"
                onClick={() => onQuery(exclude(query, field, written(field, value)))}
              >
                <Icon name="close" size={11} />
              </button>
              <span className="facet-count num">{formatCount(count)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Statuses are searched in small letters, as people type them. */
const written = (field: string, value: string) => (field === "status" ? value.toLowerCase() : value);
