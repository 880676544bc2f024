import type { FieldProblem, Preview } from "../api/monitorDraft";
import { Icon } from "../ui/Icon";

/** What of the document can't be run, and what is kept without effect: named, before it is saved. */
export function Verdict({ preview, others }: { preview: Preview | undefined; others: FieldProblem[] }) {
  if (!preview) return null;
  const warnings = preview.warnings.map((each) => (typeof each === "string" ? { field: "", message: each } : each));
  if (others.length === 0 && warnings.length === 0) return null;
  return (
    <div className="verdict" role="status">
      {others.length > 0 && (
        <>
          <h3 className="tone-bad">
            <Icon name="warn" size={14} /> This can’t be run
          </h3>
          <List all={others} />
        </>
      )}
      {warnings.length > 0 && (
        <>
          <h3 className="tone-warn">
            <Icon name="warn" size={14} /> Kept, and perhaps not what is meant
          </h3>
          <List all={warnings} />
        </>
      )}
    </div>
  );
}

function List({ all }: { all: FieldProblem[] }) {
  return (
    <ul>
      {all.map(({ field, message }) => (
        <li key={field + message}>
          {field && !message.includes(field) && <code>{field}</code>} {message}
        </li>
      ))}
    </ul>
  );
}
