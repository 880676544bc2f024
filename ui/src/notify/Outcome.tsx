import type { TestOutcome } from "../api/channels";
import { Icon } from "../ui/Icon";

/** What came of a test. */
export function Outcome({ data, error }: { data: TestOutcome | undefined; error: Error | null }) {
  if (error)
    return (
      <p className="outcome bad" role="alert">
        <Icon name="warn" /> {error.message}
      </p>
    );
  if (!data) return null;
  if (data.sent)
    return (
      <p className="outcome ok" role="status">
        <Icon name="check" /> Sent{data.status ? `, answered with ${data.status}` : ""}
      </p>
    );
  return (
    <p className="outcome bad" role="alert">
      <Icon name="warn" /> {data.error ?? "It was not taken"}
      {data.status ? ` (${data.status})` : ""}
    </p>
  );
}
