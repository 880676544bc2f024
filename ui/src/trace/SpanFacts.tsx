import { Link } from "react-router";
import type { SpanEvent, SpanLink } from "../api/traces";
import { traceLink } from "../apm/links";
import { textOf } from "../rows/value";
import type { Json } from "../api/rows";
import { CopyButton } from "../ui/Copy";
import { Icon } from "../ui/Icon";
import type { SpanFault } from "./attributes";
import type { Trace } from "./model";
import { nsText } from "./scale";
import { layOut } from "./sql";

export function Statement({ text, sql }: { text: string; sql: boolean }) {
  const lines = sql ? layOut(text) : [{ indent: 0, pieces: [{ text, kind: "name" as const }] }];
  return (
    <section className="span-section" aria-label={sql ? "SQL" : "Command"}>
      <header>
        <h3 className="grow">{sql ? "SQL" : "Command"}</h3>
        <CopyButton text={text} label={sql ? "Copy the SQL" : "Copy the command"} />
      </header>
      <pre className="sql">
        {lines.map(({ indent, pieces }, index) => (
          <span key={index}>
            {index > 0 && "\n"}
            {"  ".repeat(indent)}
            {pieces.map((piece, at) =>
              piece.kind === "name" ? (
                piece.text
              ) : (
                <span key={at} className={`sql-${piece.kind}`}>
                  {piece.text}
                </span>
              ),
            )}
          </span>
        ))}
      </pre>
    </section>
  );
}

export function Fault({ fault: { type, message, stack } }: { fault: SpanFault }) {
  return (
    <section className="span-section fault" aria-label="Error">
      <header>
        <h3 className="grow cut">
          <Icon name="warn" size={14} /> {type ?? "Error"}
        </h3>
        {stack && <CopyButton text={stack} label="Copy the stack" />}
      </header>
      {message && <p className="fault-message">{message}</p>}
      {stack && <pre className="stack-trace">{stack.trimEnd()}</pre>}
      {!message && !stack && <p className="dim">The span is marked as failed; its tracer sent no message.</p>}
    </section>
  );
}

const attributesText = (attributes: Record<string, unknown> | undefined) =>
  Object.entries(attributes ?? {}).map(([key, value]) => ({ key, text: textOf(value as Json) }));

export function SpanEvents({ events, startMs }: { events: SpanEvent[]; startMs: number }) {
  if (events.length === 0) return null;
  return (
    <section className="span-section" aria-label="Span events">
      <header>
        <h3>{`Events (${events.length})`}</h3>
      </header>
      <ul className="span-events">
        {events.map((event, index) => (
          <li key={index}>
            <p>
              <b>{event.name}</b> <span className="dim">+{nsText(Number(event.time_ns) - startMs * 1e6)}</span>
            </p>
            {attributesText(event.attributes).map(({ key, text }) => (
              <p key={key} className="mono wrap">
                <span className="dim">{key}</span> {text}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function SpanLinks({
  links,
  trace,
  onSelect,
}: {
  links: SpanLink[];
  trace: Trace;
  onSelect: (span: number) => void;
}) {
  if (links.length === 0) return null;
  return (
    <section className="span-section" aria-label="Span links">
      <header>
        <h3>{`Links (${links.length})`}</h3>
      </header>
      <ul className="span-events">
        {links.map((link) => {
          const here = link.trace_id === trace.id ? trace.ids.indexOf(link.span_id) : -1;
          return (
            <li key={link.trace_id + link.span_id}>
              {here >= 0 ? (
                <button type="button" className="link mono" onClick={() => onSelect(here)}>
                  span {link.span_id} of this trace
                </button>
              ) : (
                <Link className="mono" to={traceLink(link.trace_id, link.span_id)}>
                  trace {link.trace_id}
                </Link>
              )}
              {attributesText(link.attributes).map(({ key, text }) => (
                <p key={key} className="mono wrap">
                  <span className="dim">{key}</span> {text}
                </p>
              ))}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
