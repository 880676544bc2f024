import { memo, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";
import { isRowsQuery } from "../api/query";
import { Button, IconButton } from "../ui/Button";
import { copyText } from "../ui/clipboard";
import { Menu, type MenuItem } from "../ui/Menu";
import { toast } from "../ui/toast";
import { ALERT_TYPES } from "./alertWidgets";
import { useBoard, widgetKey } from "./context";
import type { Path } from "./edit";
import { exploreQueries } from "./explore";
import type { Definition, Widget } from "./model";
import { chartRequests } from "./requests";
import { groupPage, rowsQueryOf, rowsTitle, streamOf, streamPage } from "./rowsSource";
import { WidgetBody } from "./WidgetBody";

/** Headless widgets show their title only while they are edited. */
const HEADLESS = new Set(["note", "free_text", "image"]);

export const WidgetFrame = memo(function WidgetFrame({ widget, path }: { widget: Widget; path: Path }) {
  const { editing } = useBoard();
  const { definition } = widget;
  const title = titleOf(definition);
  const headless = HEADLESS.has(definition.type) && !editing && !definition.title;
  return (
    <section
      className={`widget ${definition.type} ${headless ? "headless" : ""}`}
      aria-label={title}
      data-widget={widgetKey(path)}
    >
      <header className={`widget-head drag-${path.length}`}>
        <h2 className="cut grow" title={title}>
          {headless ? "" : title}
        </h2>
        <WidgetActions definition={definition} path={path} title={title} />
      </header>
      <div className="widget-body">
        <WidgetBody widget={widget} path={path} />
      </div>
    </section>
  );
});

export function titleOf(definition: Definition): string {
  if (definition.title) return definition.title;
  const first = Array.isArray(definition.requests) ? definition.requests[0] : undefined;
  const query = first?.queries?.[0];
  const rows = query && rowsQueryOf(query, (text) => text);
  return first?.q ?? query?.query ?? (rows ? rowsTitle(rows) : nameOf(definition.type));
}

const nameOf = (type: string) => ALERT_TYPES[type] ?? type.replaceAll("_", " ");

function WidgetActions({ definition, path, title }: { definition: Definition; path: Path; title: string }) {
  const board = useBoard();
  const navigate = useNavigate();
  const location = useLocation();
  const stream = streamOf(definition, board.fill);
  const explore = () => {
    const asked = chartRequests(definition, board.fill).flatMap(({ spec }) => spec.queries);
    const rows = asked.filter(isRowsQuery);
    const metrics = asked.flatMap((query) => (isRowsQuery(query) ? [] : [query.query]));
    const page = stream ? streamPage(stream) : metrics.length > 0 ? exploreQueries(metrics) : groupPage(rows);
    const range = new URLSearchParams(location.search);
    const kept = ["range", "from_ms", "to_ms"].map((name) => [name, range.get(name)]).filter(([, value]) => value);
    void navigate(`${page}&${new URLSearchParams(kept as [string, string][])}`);
  };
  const link = () => {
    const url = new URL(window.location.href);
    url.searchParams.set("full", widgetKey(path));
    void copyText(url.href).then(() => toast("Link to this widget copied"));
  };
  const drawable = stream !== null || chartRequests(definition, board.fill).length > 0;
  const items: (MenuItem | null)[] = [
    { label: "Full screen", icon: "full", onSelect: () => board.onFull(path) },
    ...(drawable ? [{ label: "Open in the explorer", icon: "explore" as const, onSelect: explore }] : []),
    { label: "Copy link", icon: "link", onSelect: link },
    { label: board.editing ? "Edit JSON" : "View JSON", icon: "code", onSelect: () => board.onJson(path) },
    ...(board.editing
      ? [
          null,
          { label: "Duplicate", icon: "copy" as const, onSelect: () => board.onDuplicate(path) },
          { label: "Delete", icon: "trash" as const, danger: true, onSelect: () => board.onDelete(path) },
        ]
      : []),
  ];
  return (
    <div className="widget-actions">
      {board.editing && <IconButton icon="edit" label={`Edit ${title}`} onClick={() => board.onEdit(path)} />}
      {!board.editing && drawable && (
        <IconButton icon="full" label={`Full screen: ${title}`} onClick={() => board.onFull(path)} />
      )}
      <Menu
        trigger={<Button tone="quiet" icon="more" className="icon-only" aria-label={`Actions of ${title}`} />}
        items={items}
      />
    </div>
  );
}

export function Placeholder({ children }: { children: ReactNode }) {
  return <div className="chart-state">{children}</div>;
}
