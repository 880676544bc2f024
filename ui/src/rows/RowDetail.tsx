import { useState, type ReactNode } from "react";
import { Link, useLocation } from "react-router";
import type { Json, Row, Signal } from "../api/rows";
import { hostLink, keepingRange, serviceLink, traceLink } from "../apm/links";
import { agoText } from "../format/clock";
import { usePageRange } from "../time/page";
import { IconButton } from "../ui/Button";
import { copyText } from "../ui/clipboard";
import { Icon, type IconName } from "../ui/Icon";
import { toast } from "../ui/toast";
import { useValueMenu } from "./actions";
import { exactTime, StatusBadge } from "./columns";
import { JsonTree } from "./JsonTree";
import { Surrounding } from "./Surrounding";
import { headline, plainRow } from "./value";

interface Props {
  row: Row;
  signal: Signal;
  onClose?: () => void;
  onStep?: (step: number) => void;
  onOpen: (row: Row) => void;
  /** In a dialog, which has a close button of its own. */
  bare?: boolean;
}

type Tab = "fields" | "around" | "json";

const TABS: [Tab, string][] = [
  ["fields", "Fields"],
  ["around", "Surrounding"],
  ["json", "JSON"],
];

/** One row beside its list: j and k go on while it is open. */
export function RowDetail({ row, signal, onClose, onStep, onOpen, bare = false }: Props) {
  const [tab, setTab] = useState<Tab>("fields");
  const { nowMs } = usePageRange();
  const copy = (text: string, what: string) => void copyText(text).then(() => toast(`${what} copied`));
  return (
    <aside className={bare ? "row-detail bare" : "row-detail"} aria-label="Detail">
      <header className="row-detail-head">
        {row.status && <StatusBadge status={row.status} />}
        <time dateTime={new Date(row.time_ms).toISOString()} title={`${row.time_ns} ns`}>
          {exactTime(row.time_ms)}
        </time>
        <span className="dim">{agoText(row.time_ms, Math.max(nowMs, row.time_ms))}</span>
        <span className="grow" />
        {onStep && <IconButton icon="up" label="The row above" shortcut="k" onClick={() => onStep(-1)} />}
        {onStep && <IconButton icon="down" label="The row below" shortcut="j" onClick={() => onStep(1)} />}
        <IconButton icon="link" label="Copy the link" onClick={() => copy(window.location.href, "Link")} />
        <IconButton
          icon="copy"
          label="Copy as JSON"
          onClick={() => copy(JSON.stringify(plainRow(row), null, 2), "JSON")}
        />
        {!bare && <IconButton icon="close" label="Close" shortcut="Esc" onClick={onClose} />}
      </header>
      <div className="row-detail-body">
        {row.name && <h2 className="row-title">{row.name}</h2>}
        {headline(row) !== "" && row.message !== undefined && <Message text={row.message} />}
        <Ways row={row} signal={signal} />
        <div className="segments" role="group" aria-label="What to show">
          {TABS.map(([id, label]) => (
            <button key={id} type="button" aria-pressed={tab === id} onClick={() => setTab(id)}>
              {label}
            </button>
          ))}
        </div>
        {tab === "fields" && <Fields row={row} signal={signal} />}
        {tab === "around" && <Surrounding signal={signal} row={row} onOpen={onOpen} />}
        {tab === "json" && <pre className="row-json">{JSON.stringify(plainRow(row), null, 2)}</pre>}
      </div>
    </aside>
  );
}

function Message({ text }: { text: string }) {
  return (
    <pre className="row-message" tabIndex={0}>
      {text}
    </pre>
  );
}

/** Where a row leads: its trace, its service, its host. */
function Ways({ row, signal }: { row: Row; signal: Signal }) {
  const { search } = useLocation();
  const ways: [IconName, string, string | undefined, string][] = [
    ["traces", "Trace", row.trace_id, row.trace_id ? traceLink(row.trace_id, row.span_id) : ""],
    ["services", "Service", row.service, row.service ? keepingRange(serviceLink(row.service), search) : ""],
    ["hosts", "Host", row.host, row.host ? keepingRange(hostLink(row.host), search) : ""],
  ];
  const known = ways.filter(([, , value]) => value);
  if (known.length === 0) return null;
  return (
    <nav className="row-ways" aria-label="Where this leads">
      {known.map(([icon, label, value, to]) => (
        <Link key={label} to={to} className="way">
          <Icon name={icon} size={14} />
          <span className="dim">{label}</span>
          <b className="cut">{label === "Trace" ? `…${value!.slice(-12)}` : value}</b>
        </Link>
      ))}
      {signal === "logs" && !row.trace_id && <span className="dim way-none">no trace id</span>}
    </nav>
  );
}

const CORE: [string, keyof Row][] = [
  ["service", "service"],
  ["host", "host"],
  ["env", "env"],
  ["version", "version"],
  ["source", "source"],
  ["status", "status"],
  ["operation_name", "name"],
  ["resource_name", "resource"],
  ["type", "type"],
  ["trace_id", "trace_id"],
  ["span_id", "span_id"],
];

function Fields({ row, signal }: { row: Row; signal: Signal }) {
  const [search, setSearch] = useState("");
  const core = CORE.filter(
    ([field, key]) => row[key] !== undefined && (signal === "spans" || field !== "operation_name"),
  );
  const attributes = row.attributes ?? {};
  const tags = (row.tags ?? {}) as Record<string, Json>;
  const many = Object.keys(attributes).length + Object.keys(tags).length > 0;
  return (
    <div className="row-fields">
      {many && (
        <input
          className="input"
          type="search"
          aria-label="Find a field or a value"
          placeholder="Find a field or a value"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      {Object.keys(attributes).length > 0 && (
        <Section title="Attributes">
          <JsonTree value={attributes} prefix="@" search={search} />
        </Section>
      )}
      {Object.keys(tags).length > 0 && (
        <Section title="Tags">
          <JsonTree value={tags} prefix="" search={search} />
        </Section>
      )}
      <Section title="Core">
        <ul className="json-tree">
          {core.map(([field, key]) => (
            <CoreField key={field} field={field} value={String(row[key])} />
          ))}
        </ul>
      </Section>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function CoreField({ field, value }: { field: string; value: string }) {
  const menu = useValueMenu();
  return (
    <li className="json-leaf">
      <button type="button" className="json-key" onClick={(event) => menu?.(event.currentTarget, field, null)}>
        {field}
      </button>
      <button
        type="button"
        className="json-value string"
        onClick={(event) => menu?.(event.currentTarget, field, value)}
      >
        {value}
      </button>
    </li>
  );
}
