import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { downtimes, useCancelDowntime, type DowntimeEntry } from "../api/downtimes";
import { useMonitors } from "../api/monitors";
import { DowntimeEditor } from "../downtimes/DowntimeEditor";
import { DowntimeTable } from "../downtimes/DowntimeTable";
import { AlertNav } from "../notify/AlertNav";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";

const TABS = [
  ["", "Active", ["active"]],
  ["scheduled", "Scheduled", ["scheduled"]],
  ["ended", "Ended", ["ended", "canceled"]],
] as const;

const NONE: Record<string, string> = {
  "": "Nothing is muted now",
  scheduled: "No downtime is planned",
  ended: "No downtime has ended",
};

/** Times in which monitors go on watching and nobody is told. */
export function Downtimes() {
  const { nowMs } = usePageRange();
  const [params, setParams] = useSearchParams();
  const [tab, setTab] = useParam("show", false);
  const answer = useQuery(downtimes);
  const names = useNames();
  const cancel = useCancelDowntime();
  const [doomed, setDoomed] = useState<DowntimeEntry | null>(null);
  const all = answer.data?.downtimes;
  const wanted: readonly string[] = (TABS.find(([id]) => id === tab) ?? TABS[0])[2];
  const rows = (all ?? []).filter(({ status }) => wanted.includes(status));
  const edited = params.get("edit");
  const monitor = Number(params.get("monitor")) || null;
  const open = (changes: Record<string, string>) => {
    const next = new URLSearchParams(params);
    for (const name of ["edit", "new", "monitor"]) next.delete(name);
    for (const [name, value] of Object.entries(changes)) next.set(name, value);
    setParams(next);
  };
  return (
    <>
      <PageHead title="Downtimes" aside={<AlertNav />}>
        <Button icon="plus" tone="primary" onClick={() => open({ new: "1" })}>
          New downtime
        </Button>
      </PageHead>
      <div className="page-body">
        <div className="alert-bar">
          <div className="segments" role="group" aria-label="Which downtimes">
            {TABS.map(([id, label, states]) => (
              <button key={id} type="button" aria-pressed={tab === id} onClick={() => setTab(id)}>
                {label}{" "}
                <span className="dim">
                  {all?.filter(({ status }) => (states as readonly string[]).includes(status)).length}
                </span>
              </button>
            ))}
          </div>
        </div>
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !all && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Downtimes cannot be listed" />
        )}
        {all && rows.length === 0 && (
          <Empty title={NONE[tab] ?? NONE[""]}>
            During a downtime monitors are evaluated as ever and their history is kept; only notices stay away. One made
            with New can be for a group, a monitor, or all with a tag, once or each week.
          </Empty>
        )}
        {rows.length > 0 && (
          <DowntimeTable
            rows={rows}
            names={names}
            nowMs={nowMs}
            onEdit={({ id }) => open({ edit: id })}
            onCancel={setDoomed}
          />
        )}
      </div>
      {(params.has("new") || edited !== null) && (
        <DowntimeEditor key={edited} id={edited} monitorId={monitor} onClose={() => open({})} />
      )}
      <Confirm
        open={doomed !== null}
        title="Cancel the downtime"
        text={`What it mutes (${doomed?.scope ?? ""}) is told about again from now on, also what has been alerting all along.`}
        action="Cancel it"
        busy={cancel.isPending}
        onClose={() => setDoomed(null)}
        onConfirm={() =>
          doomed &&
          cancel.mutate(doomed.id, {
            onSuccess: () => toast("The downtime is canceled"),
            onError: (error) => toast(error.message, "bad"),
            onSettled: () => setDoomed(null),
          })
        }
      />
    </>
  );
}

/** Names of monitors by id, for rows that only know ids. */
function useNames(): Map<number, string> {
  const { data } = useMonitors({ query: "", sort: "name" });
  return useMemo(() => new Map((data?.monitors ?? []).map(({ id, name }) => [id, name])), [data]);
}
