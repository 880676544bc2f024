import type { Status } from "../api/monitorModel";
import { toneOfStatus } from "../monitors/status";

/** A status where there is no room for its word: the word is its name. */
export function StatusDot({ status }: { status: Status }) {
  return <span className={`dot ${toneOfStatus(status)}`} title={status} role="img" aria-label={status} />;
}
