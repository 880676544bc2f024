/** Changes of many monitors at once: what was done is told, with a way back where there is one. */
import { useState } from "react";
import type { MonitorEntry } from "../api/monitorModel";
import { useBulk, type Bulk } from "../api/monitors";
import { toast } from "../ui/toast";
import { untilOf, type MuteChoice } from "./mute";

const WORDS: Record<Bulk["action"], string> = {
  mute: "Muted",
  unmute: "Unmuted",
  delete: "Deleted",
  resolve: "Resolved",
};

export interface Done {
  text: string;
  undo: Bulk | null;
}

const countText = (count: number) => `${count} monitor${count === 1 ? "" : "s"}`;

export function useBulkActions() {
  const bulk = useBulk();
  const [done, setDone] = useState<Done | null>(null);
  const run = (asked: Bulk, undo: Bulk | null, then?: () => void) =>
    bulk.mutate(asked, {
      onSuccess: ({ done: ids, failed }) => {
        if (failed.length > 0) toast(`${countText(failed.length)} could not be changed: ${failed[0].error}`, "bad");
        if (ids.length > 0) setDone({ text: `${WORDS[asked.action]} ${countText(ids.length)}`, undo });
        then?.();
      },
      onError: (error) => toast(error.message, "bad"),
    });
  return {
    busy: bulk.isPending,
    done,
    dismiss: () => setDone(null),
    undo: () => {
      if (done?.undo) run(done.undo, null);
      setDone(null);
    },
    mute: (rows: MonitorEntry[], choice: MuteChoice) => {
      const fresh = rows.filter(({ muted }) => !muted).map(({ id }) => id);
      run(
        { ids: rows.map(({ id }) => id), action: "mute", until_ms: untilOf(choice) },
        fresh.length > 0 ? { ids: fresh, action: "unmute" } : null,
      );
    },
    unmute: (rows: MonitorEntry[]) => {
      // Only a mute without an end can be given back with one call for all.
      const endless = rows.filter(({ muted }) => muted && muted.until_ms === null).map(({ id }) => id);
      const undo: Bulk | null = endless.length === rows.length ? { ids: endless, action: "mute" } : null;
      run({ ids: rows.map(({ id }) => id), action: "unmute" }, undo);
    },
    resolve: (rows: MonitorEntry[]) => run({ ids: rows.map(({ id }) => id), action: "resolve" }, null),
    remove: (rows: MonitorEntry[], then: () => void) =>
      run({ ids: rows.map(({ id }) => id), action: "delete" }, null, then),
  };
}
