/** The dashboard while it is edited: a copy beside the stored one, guarded against being lost. */
import { useCallback, useEffect, useState } from "react";
import type { Dashboard } from "./model";

export function useDraft(stored: Dashboard, editAtOnce: boolean) {
  const [draft, setDraft] = useState<Dashboard | null>(editAtOnce && !stored.is_read_only ? stored : null);
  const start = useCallback(() => setDraft((before) => before ?? stored), [stored]);
  const stop = useCallback(() => setDraft(null), []);
  const dirty = draft !== null && draft !== stored;
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
  return { draft, setDraft, dirty, start, stop };
}
