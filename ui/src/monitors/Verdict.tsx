import type { FieldProblem, Preview } from "../api/monitorDraft";
import type { Monitor } from "../api/monitorModel";
import { Icon } from "../ui/Icon";
import { unread } from "./draft";

interface Props {
  monitor: Monitor;
  preview: Preview | undefined;
  others: FieldProblem[];
}

/** What of the document can't be run, and what is kept without effect: named, before it is saved. */
export function Verdict({ monitor, preview, others }: Props) {
  const kept = unread(monitor).map((field) => ({
    field,
    message: `${field} is kept and exported; nothing here reads it`,
  }));
  const said = (preview?.warnings ?? []).map((each) =>
    typeof each === "string" ? { field: "", message: each } : each,
  );
  const warnings = [...said, ...kept];
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
