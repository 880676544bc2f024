import { useState } from "react";
import { Link } from "react-router";
import type { Row } from "../api/rows";
import { term, tracesLink, type Moment } from "../apm/links";
import { filterable, textOf } from "../rows/value";
import { copyText } from "../ui/clipboard";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";
import { SAID, type Attribute } from "./attributes";

/** From this number on the list has a field of its own. */
const SEARCHED_FROM = 12;
const LONG = 400;

/** Core fields that the search knows by name; the rest of the row is in its attributes. */
function coreOf(row: Row): Attribute[] {
  const core = { env: row.env, version: row.version, host: row.host, type: row.type, source: row.source };
  return Object.entries(core).flatMap(([field, value]) => (value ? [{ field, value }] : []));
}

export function SpanAttributes({ attributes, row, moment }: { attributes: Attribute[]; row: Row; moment: Moment }) {
  const [text, setText] = useState("");
  const all = [...coreOf(row), ...attributes.filter(({ field }) => !SAID.has(field))];
  const low = text.trim().toLowerCase();
  const shown = low ? all.filter(({ field, value }) => `${field} ${textOf(value)}`.toLowerCase().includes(low)) : all;
  return (
    <section className="span-section" aria-label="Attributes">
      <header>
        <h3 className="grow">{`Attributes (${all.length})`}</h3>
        {all.length >= SEARCHED_FROM && (
          <input
            className="input slim"
            type="search"
            aria-label="Filter attributes"
            placeholder="Filter"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </header>
      <dl className="attributes">
        {shown.map(({ field, value }) => {
          const plain = filterable(value);
          const said = textOf(value);
          return (
            <div key={field}>
              <dt className="cut" title={field}>
                {field}
              </dt>
              <dd>
                <span className="mono wrap">{said.length > LONG ? `${said.slice(0, LONG)}…` : said}</span>
                <span className="attribute-actions">
                  {plain !== null && said.length <= LONG && (
                    <Link
                      to={tracesLink(term(field, plain), moment)}
                      aria-label={`Spans with ${field} ${said}`}
                      title="Spans with this value"
                    >
                      <Icon name="search" size={13} />
                    </Link>
                  )}
                  <button
                    type="button"
                    aria-label={`Copy ${field}`}
                    title="Copy"
                    onClick={() => void copyText(said).then(() => toast("Copied"))}
                  >
                    <Icon name="copy" size={13} />
                  </button>
                </span>
              </dd>
            </div>
          );
        })}
      </dl>
      {shown.length === 0 && <p className="dim">{low ? "No attribute matches." : "It came without attributes."}</p>}
    </section>
  );
}
