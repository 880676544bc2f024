import { useState } from "react";
import type { Json } from "../api/rows";
import { Icon } from "../ui/Icon";
import { useValueMenu } from "./actions";
import { filterable } from "./value";

interface Props {
  value: Record<string, Json>;
  /** What stands before the names in the search: `@` for attributes, nothing for tags. */
  prefix: string;
  search?: string;
}

/** Nested values as a tree; every name and every value opens the menu of what can be done with it. */
export function JsonTree({ value, prefix, search = "" }: Props) {
  return <Branch value={value} path={prefix} search={search.trim().toLowerCase()} depth={0} />;
}

interface BranchProps {
  value: Record<string, Json>;
  path: string;
  search: string;
  depth: number;
}

const join = (path: string, key: string) => (path === "" || path === "@" ? `${path}${key}` : `${path}.${key}`);

function Branch({ value, path, search, depth }: BranchProps) {
  const entries = Object.entries(value)
    .filter(([key, inner]) => search === "" || matches(join(path, key), inner, search))
    .sort(([a], [b]) => a.localeCompare(b));
  return (
    <ul className="json-tree" role={depth === 0 ? "tree" : "group"}>
      {entries.map(([key, inner]) => (
        <Node key={key} name={key} value={inner} path={join(path, key)} search={search} depth={depth} />
      ))}
    </ul>
  );
}

function matches(path: string, value: Json, search: string): boolean {
  return path.toLowerCase().includes(search) || JSON.stringify(value).toLowerCase().includes(search);
}

function isBranch(value: Json): value is Record<string, Json> {
  return value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0;
}

function Node({ name, value, path, search, depth }: { name: string; value: Json } & Omit<BranchProps, "value">) {
  const [open, setOpen] = useState(true);
  const menu = useValueMenu();
  if (!isBranch(value))
    return (
      <li role="treeitem" className="json-leaf">
        <button type="button" className="json-key" onClick={(event) => menu?.(event.currentTarget, path, null)}>
          {name}
        </button>
        <Leaf value={value} path={path} />
      </li>
    );
  return (
    <li role="treeitem" aria-expanded={open}>
      <button type="button" className="json-fold" onClick={() => setOpen(!open)}>
        <Icon name={open ? "down" : "forward"} size={10} />
        {name}
        {!open && <span className="dim"> {`{${Object.keys(value).length}}`}</span>}
      </button>
      {open && <Branch value={value} path={path} search={search} depth={depth + 1} />}
    </li>
  );
}

/** Lists show each of their values: one alone can be filtered by. */
function Leaf({ value, path }: { value: Json; path: string }) {
  if (Array.isArray(value) && value.every((each) => filterable(each) !== null))
    return (
      <span className="json-list">
        {value.map((each, index) => (
          <Plain key={index} value={each} path={path} />
        ))}
        {value.length === 0 && <span className="dim">[]</span>}
      </span>
    );
  return <Plain value={value} path={path} />;
}

function Plain({ value, path }: { value: Json; path: string }) {
  const menu = useValueMenu();
  const plain = filterable(value);
  const kind = value === null ? "null" : typeof value;
  const text = kind === "string" ? String(value) : JSON.stringify(value);
  return (
    <button
      type="button"
      className={`json-value ${kind}`}
      onClick={(event) => menu?.(event.currentTarget, path, plain)}
    >
      {text === "" ? <span className="dim">empty</span> : text}
    </button>
  );
}
