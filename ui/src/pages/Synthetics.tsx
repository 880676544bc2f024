import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { syntheticTests, useDeleteTest, useSetTestStatus, type SyntheticEntry } from "../api/synthetics";
import { AlertNav } from "../notify/AlertNav";
import { testColumns } from "../synthetics/columns";
import { TestDialog } from "../synthetics/TestDialog";
import { TestPane } from "../synthetics/TestPane";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { PageHead } from "../ui/PageHead";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { VirtualTable } from "../ui/VirtualTable";

/** What there is room for beside an open test. */
const BESIDE_PANE = new Set(["state", "name", "target", "last"]);

/** Requests that the agents make by themselves, to know what callers would see. */
export function Synthetics() {
  const { nowMs } = usePageRange();
  const [params, setParams] = useSearchParams();
  const answer = useQuery(syntheticTests);
  const setStatus = useSetTestStatus();
  const remove = useDeleteTest();
  const [doomed, setDoomed] = useState<SyntheticEntry | null>(null);
  const rows = answer.data?.tests ?? [];
  const open = rows.find(({ public_id }) => public_id === params.get("test"));
  const go = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    setParams(next);
  };
  const toggle = setStatus.mutate;
  const columns = useMemo(
    () =>
      testColumns(nowMs, {
        onToggle: ({ public_id, status }) =>
          toggle(
            { id: public_id, status: status === "live" ? "paused" : "live" },
            { onError: (error) => toast(error.message, "bad") },
          ),
        onRemove: setDoomed,
      }),
    [nowMs, toggle],
  );
  return (
    <>
      <PageHead title="Synthetic tests" aside={<AlertNav />}>
        <Button icon="plus" tone="primary" onClick={() => go({ edit: "new" })}>
          New test
        </Button>
      </PageHead>
      <div className={open ? "page-body fill with-pane" : "page-body fill"}>
        <div className="synthetic-list">
          {answer.isPending && <SkeletonRows />}
          {answer.isError && !answer.data && (
            <Failed error={answer.error} retry={() => void answer.refetch()} what="Tests cannot be listed" />
          )}
          {answer.data && rows.length === 0 && (
            <Empty title="No synthetic tests yet">
              A test asks a URL, a port or a certificate again and again from hosts with an agent, and tells when the
              answer is not as it should be.
            </Empty>
          )}
          {rows.length > 0 && (
            <VirtualTable
              label="Synthetic tests"
              rows={rows}
              columns={open ? columns.filter(({ id }) => BESIDE_PANE.has(id ?? "")) : columns}
              idOf={({ public_id }) => public_id}
              selected={open?.public_id}
              onOpen={({ public_id }) => go({ test: public_id })}
              rowPx={40}
            />
          )}
        </div>
        {open && (
          <TestPane
            key={open.public_id}
            entry={open}
            onEdit={() => go({ edit: open.public_id })}
            onClose={() => go({ test: null })}
          />
        )}
      </div>
      {params.has("edit") && (
        <TestDialog
          key={params.get("edit")}
          id={params.get("edit") === "new" ? null : params.get("edit")}
          onClose={() => go({ edit: null })}
        />
      )}
      <Confirm
        open={doomed !== null}
        title={`Delete “${doomed?.name ?? ""}”?`}
        text="It is not run any more, and its monitor goes with it. Its figures stay."
        action="Delete"
        busy={remove.isPending}
        onClose={() => setDoomed(null)}
        onConfirm={() =>
          doomed &&
          remove.mutate(doomed.public_id, {
            onSuccess: () => toast("Deleted"),
            onError: (error) => toast(error.message, "bad"),
            onSettled: () => setDoomed(null),
          })
        }
      />
    </>
  );
}
