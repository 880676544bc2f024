import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { facets, type Facet, type Scope } from "../api/rows";
import { formatCount, formatValue } from "../format/units";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import type { RowActions } from "./actions";
import { chosen, clear, exclude, filterBy, rangeOf, toggle, withRange, type FieldValue } from "./filters";
import { fieldTitle } from "./columns";
import { toneOf } from "./status";
import { unitOfField } from "./value";

interface Props {
  facet: Facet;
  scope: Scope;
  actions: RowActions;
  onQuery: (query: string) => void;
  startsOpen: boolean;
}

export function FacetSection({ facet, scope, actions, onQuery, startsOpen }: Props) {
  const [open, setOpen] = useState(startsOpen);
  const { field } = facet;
  const title = facet.core ? fieldTitle(field) : facet.title.replace(/^@/, "");
  const { included, excluded } = chosen(scope.query, field);
  const active = included.length + excluded.length > 0 || hasRange(scope.query, field);
  return (
    <div className={open ? "facet open" : "facet"}>
      <div className="facet-head">
        <button type="button" className="grow" aria-expanded={open} title={field} onClick={() => setOpen(!open)}>
          <Icon name={open ? "down" : "forward"} size={11} />
          <span className="cut">{title}</span>
          {active && <span className="dot on" aria-label="filtered" />}
        </button>
        <Menu
          trigger={<Button tone="quiet" icon="more" className="icon-only" aria-label={`Actions of ${title}`} />}
          items={[
            { label: `Group by ${field}`, icon: "metrics", onSelect: () => actions.group?.(field) },
            {
              label: actions.columns?.includes(field) ? "Remove the column" : "Add as a column",
              icon: "side",
              onSelect: () => actions.column?.(field),
            },
            null,
            {
              label: "Clear its filter",
              icon: "close",
              disabled: !active,
              onSelect: () => onQuery(withRange(clear(scope.query, field), field, "", "")),
            },
          ]}
        />
      </div>
      {open && <FacetBody facet={facet} scope={scope} onQuery={onQuery} />}
    </div>
  );
}

const hasRange = (query: string, field: string) => {
  const { low, high } = rangeOf(query, field);
  return low !== "" || high !== "";
};

/** What is chosen in a facet doesn't narrow the facet itself: more values can be ticked. */
function FacetBody({ facet, scope, onQuery }: Omit<Props, "actions" | "startsOpen">) {
  const { field, kind } = facet;
  const [search, setSearch] = useState("");
  const { included, excluded } = chosen(scope.query, field);
  const own = included.length + excluded.length > 0;
  const asks = facet.values.length === 0 || own || search !== "";
  const wide = own ? { ...scope, query: clear(scope.query, field) } : scope;
  const answer = useQuery({ ...facets(wide, [field], search || undefined), enabled: asks });
  const full = asks ? (answer.data?.facets[0] ?? facet) : facet;
  const most = Math.max(1, ...full.values.map(({ count }) => count));
  const query = scope.query;
  const number = kind === "number" && (full.min !== undefined || full.values.length > 0);
  // Of a measure no two values are alike: its range is what one asks for.
  const listed = !(number && full.more && !own);
  return (
    <div className="facet-body">
      {number && <Range key={query} facet={full} scope={scope} onQuery={onQuery} />}
      {listed && (full.more || search !== "") && (
        <input
          className="input facet-search"
          type="search"
          aria-label={`Find a value of ${facet.title}`}
          placeholder="Find a value"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      {asks && answer.isPending && <div className="skeleton" aria-label="Loading" />}
      <ul>
        {(listed ? full.values : []).map(({ value, count }) => (
          <FacetValue
            key={String(value)}
            field={field}
            value={value}
            count={count}
            share={count / most}
            ticked={included.includes(String(value)) || (included.length === 0 && !excluded.includes(String(value)))}
            certain={included.length > 0 || excluded.includes(String(value))}
            barred={excluded.includes(String(value))}
            onTick={() => onQuery(ticked(query, field, value, excluded))}
            onOnly={() => onQuery(isOnly(included, value) ? clear(query, field) : filterBy(query, field, value))}
            onExclude={() => onQuery(exclude(query, field, value))}
          />
        ))}
      </ul>
      {full.values.length === 0 && !answer.isFetching && <p className="dim facet-none">No values.</p>}
    </div>
  );
}

const isOnly = (included: string[], value: FieldValue) => included.length === 1 && included[0] === String(value);

/** A tick brings back what was excluded; otherwise it adds to, or takes from, the alternatives. */
function ticked(query: string, field: string, value: FieldValue, excluded: string[]): string {
  if (!excluded.includes(String(value))) return toggle(query, field, value);
  const rest = excluded.filter((each) => each !== String(value));
  return rest.reduce((text, each) => exclude(text, field, each), clear(query, field));
}

interface ValueProps {
  field: string;
  value: FieldValue;
  count: number;
  share: number;
  ticked: boolean;
  /** Whether the tick says what was chosen, or only that nothing was. */
  certain: boolean;
  barred: boolean;
  onTick: () => void;
  onOnly: () => void;
  onExclude: () => void;
}

function FacetValue({ field, value, count, share, ticked, certain, barred, onTick, onOnly, onExclude }: ValueProps) {
  const text = String(value);
  return (
    <li className={`facet-value ${barred ? "barred" : ticked ? "" : "off"}`}>
      <span className="facet-bar" style={{ width: `${Math.max(1, share * 100)}%` }} aria-hidden="true" />
      <input type="checkbox" checked={certain && ticked} aria-label={`${field}: ${text}`} onChange={onTick} />
      <button type="button" className="facet-name cut" title={`Only ${text}`} onClick={onOnly}>
        {field === "status" && <span className={`dot tone ${toneOf(text)}`} />}
        {text === "" ? <span className="dim">none</span> : text}
      </button>
      <button type="button" className="facet-not" aria-label={`Exclude ${text}`} title="Exclude" onClick={onExclude}>
        <Icon name="close" size={11} />
      </button>
      <span className="facet-count num">{formatCount(count)}</span>
    </li>
  );
}

function Range({ facet, scope, onQuery }: { facet: Facet; scope: Scope; onQuery: (query: string) => void }) {
  const { field, title, min, max } = facet;
  const start = rangeOf(scope.query, field);
  const [low, setLow] = useState(start.low);
  const [high, setHigh] = useState(start.high);
  const unit = unitOfField(scope.signal, field);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onQuery(withRange(scope.query, field, low.trim(), high.trim()));
  };
  const hint = (value: number | undefined) => (value === undefined ? "" : formatValue(value, unit).replace(" ", ""));
  return (
    <form className="facet-range" onSubmit={submit}>
      <input
        className="input"
        aria-label={`${title} from`}
        placeholder={hint(min) || "from"}
        value={low}
        onChange={(event) => setLow(event.target.value)}
      />
      <span className="dim">to</span>
      <input
        className="input"
        aria-label={`${title} to`}
        placeholder={hint(max) || "to"}
        value={high}
        onChange={(event) => setHigh(event.target.value)}
      />
      <button type="submit" className="only-read">
        Apply
      </button>
    </form>
  );
}
