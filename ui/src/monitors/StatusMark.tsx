import type { GroupCounts, Muted, Status } from "../api/monitorModel";
import { dayText, stamp, timeOfDay } from "../format/clock";
import { Icon } from "../ui/Icon";
import { barParts, barText, toneOfStatus } from "./status";

/** A status as a filled word: colour is never the only sign. */
export function StatusMark({ status, large = false }: { status: Status; large?: boolean }) {
  return <span className={`state-mark ${toneOfStatus(status)} ${large ? "large" : ""}`}>{status}</span>;
}

/** How many groups are in which status, as a small stacked bar with the troubled ones in figures. */
export function GroupsBar({ counts }: { counts: GroupCounts }) {
  const parts = barParts(counts);
  const troubled = parts.filter(({ status }) => status !== "OK").reduce((sum, { count }) => sum + count, 0);
  return (
    <span className="groups-bar" role="img" aria-label={barText(counts)} title={barText(counts)}>
      <span className="groups-track">
        {parts.map(({ status, tone, count }) => (
          <span key={status} className={`state-fill ${tone}`} style={{ flexGrow: count }} />
        ))}
      </span>
      <span className="groups-figure num">
        {troubled > 0 && <b>{troubled}</b>}
        {troubled > 0 && " / "}
        {counts.total}
      </span>
    </span>
  );
}

export function MutedMark({ muted }: { muted: Muted | null }) {
  if (!muted) return null;
  const { until_ms } = muted;
  const text = until_ms ? `until ${endText(until_ms)}` : "until unmuted";
  return (
    <span
      className="muted-mark"
      title={until_ms ? `Muted until ${stamp(until_ms)}` : "Muted until somebody unmutes it"}
    >
      <Icon name="mute" size={13} /> <span className="cut">{text}</span>
    </span>
  );
}

/** The time of day where that says it; else the day. */
const endText = (ms: number) => (ms - Date.now() < 86_400_000 ? timeOfDay(ms, false) : dayText(ms));
