import { Icon } from "../../ui/Icon";

export function NotDrawn({ type }: { type: string }) {
  return (
    <div className="chart-state not-drawn">
      <Icon name="code" />
      <p>
        <code>{type}</code> is not drawn yet; its JSON is kept.
      </p>
    </div>
  );
}

export function ForeignSource({ sources }: { sources: string[] }) {
  return (
    <div className="chart-state not-drawn">
      <Icon name="code" />
      <p>
        {sources.map((source) => (
          <code key={source}>{source} </code>
        ))}
        queries are not drawn yet; the JSON is kept.
      </p>
    </div>
  );
}
