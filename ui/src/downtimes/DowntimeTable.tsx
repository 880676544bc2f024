import { Link } from "react-router";
import type { DowntimeEntry } from "../api/downtimes";
import { ageText, rangeText, stamp } from "../format/clock";
import { IconButton } from "../ui/Button";
import { ruleText } from "./rrule";

interface Props {
  rows: DowntimeEntry[];
  names: Map<number, string>;
  nowMs: number;
  onEdit: (row: DowntimeEntry) => void;
  onCancel: (row: DowntimeEntry) => void;
}

const NAMED_MAX = 3;

export function DowntimeTable({ rows, names, nowMs, onEdit, onCancel }: Props) {
  return (
    <table className="table plain config-table stacks" aria-label="Downtimes">
      <thead>
        <tr>
          <th scope="col">Silences</th>
          <th scope="col">Groups</th>
          <th scope="col">When</th>
          <th scope="col">Message</th>
          <th scope="col">
            <span className="only-read">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <Silenced row={row} names={names} />
            </td>
            <td>
              <code>{row.scope}</code>
            </td>
            <td>
              <When row={row} nowMs={nowMs} />
            </td>
            <td className="dim">
              {row.message} {row.mute_first_recovery && <span className="badge">first recovery too</span>}
            </td>
            <td className="num nowrap">
              {(row.status === "active" || row.status === "scheduled") && (
                <>
                  <IconButton icon="edit" label={`Edit the downtime of ${row.scope}`} onClick={() => onEdit(row)} />
                  <IconButton
                    icon="close"
                    label={`Cancel the downtime of ${row.scope}`}
                    onClick={() => onCancel(row)}
                  />
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Silenced({ row, names }: { row: DowntimeEntry; names: Map<number, string> }) {
  const { monitor, muting } = row;
  const by = "monitor_tags" in monitor ? monitor.monitor_tags : null;
  const ids = "monitor_id" in monitor ? [monitor.monitor_id] : muting;
  return (
    <>
      {by && (
        <span className="tags">
          {by.map((tag) => (
            <span key={tag} className="tag">
              {tag === "*" ? "all monitors" : tag}
            </span>
          ))}
        </span>
      )}
      {ids.slice(0, NAMED_MAX).map((id) => (
        <div key={id} className="cut">
          <Link to={`/monitors/${id}`}>{names.get(id) ?? `Monitor ${id}`}</Link>
        </div>
      ))}
      {ids.length > NAMED_MAX && <div className="dim">and {ids.length - NAMED_MAX} more</div>}
      {by && ids.length === 0 && row.status === "active" && <div className="dim">no monitor has these tags</div>}
    </>
  );
}

function When({ row, nowMs }: { row: DowntimeEntry; nowMs: number }) {
  const { status, start_ms, end_ms, recurrence, next } = row;
  const now = status === "active";
  const span = end_ms === null ? `${stamp(start_ms)} – until it is canceled` : rangeText(start_ms, end_ms);
  const coming = next.find((each) => each.start_ms > nowMs);
  return (
    <>
      <div>{span}</div>
      <div className="dim">
        {now && end_ms !== null && <span className="badge warn">{ageText(Math.max(0, end_ms - nowMs))} left</span>}
        {now && end_ms === null && <span className="badge warn">no end</span>}
        {status === "canceled" && <span className="badge">canceled</span>}
        {status === "scheduled" && <span className="badge accent">in {ageText(Math.max(0, start_ms - nowMs))}</span>}
        {recurrence && recurrence.length > 0 && (
          <>
            {" "}
            {ruleText(recurrence[0].rrule)} for {recurrence[0].duration}
            {row.timezone ? `, ${row.timezone}` : ""}
            {coming && coming.start_ms !== start_ms ? ` · next ${stamp(coming.start_ms)}` : ""}
          </>
        )}
      </div>
    </>
  );
}
