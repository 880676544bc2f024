import { useDeliveries, useRetry, type Delivery } from "../api/notices";
import { agoText, stamp } from "../format/clock";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { groupText, kindText } from "./status";

const SHOWN = 50;

interface Props {
  id: string;
  onNotice: (delivery: Delivery) => void;
}

/** Who was told of what in the page's range, and whom it did not reach. */
export function DeliveriesCard({ id, onNotice }: Props) {
  const { span, nowMs } = usePageRange();
  const answer = useDeliveries(id, span.fromMs, span.toMs);
  const all = answer.data ?? [];
  return (
    <section className="card" aria-label="Deliveries">
      <h2>
        Deliveries <span className="dim">{answer.data ? all.length : ""}</span>
      </h2>
      {answer.isPending && <SkeletonRows rows={3} />}
      {answer.isError && !answer.data && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="Deliveries cannot be read" />
      )}
      {answer.data && all.length === 0 && <p className="dim">Nobody was told of anything in this range.</p>}
      {all.length > 0 && (
        <table className="table plain stacks deliveries">
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>Group</th>
              <th>To</th>
              <th>State</th>
              <th>
                <span className="only-read">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {all.slice(0, SHOWN).map((delivery) => (
              <Line key={delivery.key + delivery.handle} {...{ delivery, nowMs, onNotice }} />
            ))}
          </tbody>
        </table>
      )}
      {all.length > SHOWN && <p className="dim hint">{`the newest ${SHOWN} of ${all.length}; narrow the range`}</p>}
    </section>
  );
}

const TONES = { sent: "ok", pending: "warn", failed: "bad" } as const;

function Line({ delivery, nowMs, onNotice }: { delivery: Delivery; nowMs: number; onNotice: Props["onNotice"] }) {
  const retry = useRetry();
  const { key, handle, state, attempts, error, at_ms, group, kind, next_ms } = delivery;
  return (
    <tr>
      <td title={stamp(at_ms)} className="dim">
        {agoText(at_ms, nowMs)}
      </td>
      <td>
        <button type="button" className="link-button" onClick={() => onNotice(delivery)}>
          {kindText(kind)}
        </button>
      </td>
      <td className="mono">{groupText(group)}</td>
      <td className="mono">{handle}</td>
      <td>
        <span className={`badge ${TONES[state]}`}>{state}</span>
        {attempts > 1 && <span className="dim">{` ${attempts} attempts`}</span>}
        {state === "pending" && next_ms !== null && next_ms > nowMs && (
          <span className="dim">{`, next in ${Math.ceil((next_ms - nowMs) / 1000)} s`}</span>
        )}
        {error && <p className="delivery-error">{error}</p>}
      </td>
      <td className="num">
        {state !== "sent" && (
          <Button
            icon="refresh"
            busy={retry.isPending}
            onClick={() =>
              retry.mutate(
                { key, handle },
                { onSuccess: () => toast("Tried again"), onError: ({ message }) => toast(message, "bad") },
              )
            }
          >
            Retry
          </Button>
        )}
      </td>
    </tr>
  );
}
