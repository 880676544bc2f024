import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { deliveries } from "../api/deliveries";
import { useRetry, type Delivery } from "../api/notices";
import { agoText, stamp } from "../format/clock";
import { AlertNav } from "../notify/AlertNav";
import { NoticeDialog } from "../notify/NoticeDialog";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";

const STATES = [
  ["", "All"],
  ["failed", "Failed"],
  ["pending", "Waiting"],
  ["sent", "Sent"],
] as const;
const TONES = { sent: "ok", failed: "bad", pending: "accent" };
const WORDS = { sent: "sent", failed: "failed", pending: "waiting" };

/** Each thing that was told, to whom, and whether it got there. */
export function Deliveries() {
  const { nowMs } = usePageRange();
  const [state, setState] = useParam("state", false);
  const [open, setOpen] = useParam("notice", false);
  const answer = useQuery(deliveries(state));
  const rows = answer.data?.deliveries ?? [];
  return (
    <>
      <PageHead title="Deliveries" aside={<AlertNav />} />
      <div className="page-body">
        <div className="alert-bar">
          <div className="segments" role="group" aria-label="Which deliveries">
            {STATES.map(([id, label]) => (
              <button key={id} type="button" aria-pressed={state === id} onClick={() => setState(id)}>
                {label}
              </button>
            ))}
          </div>
        </div>
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !answer.data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Deliveries cannot be listed" />
        )}
        {answer.data && rows.length === 0 && (
          <Empty
            title={state === "" ? "Nobody has been told anything yet" : `No delivery is ${WORDS[state as "sent"]}`}
          >
            When a monitor changes its status, each handle in its message gets a delivery; it stays here with its
            attempts and errors.
          </Empty>
        )}
        {rows.length > 0 && (
          <table className="table plain config-table stacks deliveries" aria-label="Deliveries">
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">What</th>
                <th scope="col">To</th>
                <th scope="col" className="num">
                  Attempts
                </th>
                <th scope="col" className="num">
                  When
                </th>
                <th scope="col">
                  <span className="only-read">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Line key={row.key + row.handle} row={row} nowMs={nowMs} onOpen={() => setOpen(row.key)} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {open !== "" && <NoticeDialog noticeKey={open} onClose={() => setOpen("")} />}
    </>
  );
}

function Line({ row, nowMs, onOpen }: { row: Delivery; nowMs: number; onOpen: () => void }) {
  const retry = useRetry();
  const { state, monitor, monitor_name, group, kind, handle, channel, attempts, error, next_ms, at_ms, subject } = row;
  return (
    <tr>
      <td>
        <span className={`badge ${TONES[state]}`}>{WORDS[state]}</span>
      </td>
      <td>
        <button type="button" className="link" onClick={onOpen}>
          {subject ?? `${kind.replaceAll("_", " ")} of ${monitor_name ?? monitor}`}
        </button>
        <div className="dim">
          <Link to={`/monitors/${monitor}`}>{monitor_name ?? `Monitor ${monitor}`}</Link>
          {group !== "" && group !== "*" && <> · {group}</>}
        </div>
        {error && state !== "sent" && <div className="form-error delivery-error">{error}</div>}
      </td>
      <td>
        <code>{handle}</code>
        {channel && <div className="dim">{channel}</div>}
      </td>
      <td className="num">{attempts}</td>
      <td className="num nowrap" title={stamp(at_ms)}>
        {agoText(at_ms, Math.max(nowMs, at_ms))}
        {state === "pending" && next_ms !== null && attempts > 0 && (
          <div className="dim">again {next_ms > nowMs ? `at ${stamp(next_ms)}` : "now"}</div>
        )}
      </td>
      <td className="num">
        {state !== "sent" && (
          <Button
            icon="refresh"
            busy={retry.isPending}
            onClick={() =>
              retry.mutate(row, {
                onSuccess: () => toast("It is sent again"),
                onError: (failure) => toast(failure.message, "bad"),
              })
            }
          >
            Retry
          </Button>
        )}
      </td>
    </tr>
  );
}
