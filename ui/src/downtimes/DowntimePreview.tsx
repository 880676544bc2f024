import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { preview, type DowntimeBody } from "../api/downtimes";
import { SkeletonRows } from "../ui/States";
import { instantText } from "./zone";

const MONITORS_SHOWN = 12;
const GROUPS_SHOWN = 6;

/** What a downtime would silence and when, before it is set. Null: the form is not complete. */
export function DowntimePreviewPane({ body, zone }: { body: DowntimeBody | null; zone: string }) {
  return (
    <section className="preview-pane" aria-label="What it does">
      {body === null ? <p className="dim">What it silences is shown here.</p> : <Told body={body} zone={zone} />}
    </section>
  );
}

function Told({ body, zone }: { body: DowntimeBody; zone: string }) {
  const answer = useQuery(preview(body));
  if (answer.isError)
    return (
      <p className="form-error" role="alert">
        {answer.error.message}
      </p>
    );
  if (!answer.data) return <SkeletonRows rows={4} />;
  const { next, monitors } = answer.data;
  return (
    <>
      <h3>Next times</h3>
      {next.length === 0 && <p className="dim">None: it is over.</p>}
      <ol className="occurrences">
        {next.slice(0, 5).map(({ start_ms, end_ms }) => (
          <li key={start_ms}>
            {instantText(start_ms, zone)} – {end_ms === null ? "until it is canceled" : instantText(end_ms, zone)}
          </li>
        ))}
      </ol>
      <h3>
        Silences {monitors.length} {monitors.length === 1 ? "monitor" : "monitors"}
      </h3>
      {monitors.length === 0 && <p className="dim">No monitor is meant by this: check the tags and the groups.</p>}
      <ul className="preview-monitors">
        {monitors.slice(0, MONITORS_SHOWN).map(({ id, name, groups }) => (
          <li key={id}>
            <Link to={`/monitors/${id}`} target="_blank" rel="noreferrer">
              {name}
            </Link>
            {groups.length > 0 && (
              <span className="tags">
                {groups.slice(0, GROUPS_SHOWN).map((group) => (
                  <span key={group} className="tag">
                    {group || "the whole"}
                  </span>
                ))}
                {groups.length > GROUPS_SHOWN && (
                  <span className="dim">and {groups.length - GROUPS_SHOWN} more groups</span>
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
      {monitors.length > MONITORS_SHOWN && <p className="dim">and {monitors.length - MONITORS_SHOWN} more</p>}
    </>
  );
}
