import type { Monitor, Status } from "../api/monitorModel";
import { useMessage } from "../api/monitorDraft";
import { Failed, SkeletonRows } from "../ui/States";
import { HtmlFrame } from "./HtmlFrame";

const OF_STATUS: Partial<Record<Status, string>> = { Warn: "warning", "No Data": "no_data" };

/** The message as it is told now; of a monitor that is OK, as an alert would tell it. */
export function MessageCard({ monitor, status, group }: { monitor: Monitor; status: Status; group: string }) {
  const transition = OF_STATUS[status] ?? "alert";
  const answer = useMessage(monitor, transition, group, true);
  const { data } = answer;
  return (
    <section className="card" aria-label="Message">
      <h2>
        Message <span className="dim">{`as told on ${transition.replace("_", " ")}`}</span>
      </h2>
      {answer.isPending && <SkeletonRows rows={3} />}
      {answer.isError && !data && <Failed error={answer.error} what="The message cannot be rendered" />}
      {data && (
        <>
          <HtmlFrame html={data.html} label="The rendered message" tallestPx={340} />
          <Handles handles={data.handles} />
        </>
      )}
    </section>
  );
}

interface HandlesProps {
  handles: { handle: string; channel: string | null; known: boolean; when: string[] }[];
}

/** Who is told, and on which changes. */
export function Handles({ handles }: HandlesProps) {
  if (handles.length === 0)
    return <p className="dim">Nobody is told: the message names no handle. States are shown here all the same.</p>;
  return (
    <ul className="told-handles" aria-label="Who is told">
      {handles.map(({ handle, known, when }) => (
        <li key={handle}>
          <span className={known ? "tag" : "tag unknown"}>{handle}</span>{" "}
          <span className="dim">{when.length === 0 ? "on every change" : whenText(when)}</span>
          {!known && <span className="tone-bad"> no channel has this name</span>}
        </li>
      ))}
    </ul>
  );
}

const whenText = (when: string[]) => when.map((each) => each.replace(/^is_/, "").replaceAll("_", " ")).join(", ");
