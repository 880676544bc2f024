/** The editor's state: a document and, where one can be made of its query, a form. The tab keeps it until it is saved. */
import { useCallback, useEffect, useState } from "react";
import type { Monitor } from "../api/monitorModel";
import { keepDraft, keptDraft } from "./draft";
import { turned, withForm, withThreshold } from "./edit";
import { isJudged, type Form, type Kind } from "./form";
import { readQuery } from "./readQuery";
import type { ThresholdName } from "./thresholds";

interface State {
  monitor: Monitor;
  form: Form | null;
}

export interface Editor extends State {
  /** Differs from what is stored, or has not been stored at all. */
  dirty: boolean;
  /** Changes from another time were found in this tab. */
  restored: boolean;
  set: (monitor: Monitor) => void;
  setForm: (form: Form) => void;
  setKind: (kind: Kind) => void;
  setQuery: (query: string) => void;
  setThreshold: (name: ThresholdName, value: number | null) => void;
  discard: () => void;
}

const readForm = ({ type, query }: Monitor): Form | null => readQuery(type, query);

export function useEditor(key: string, stored: Monitor): Editor {
  const [start] = useState(() => keptDraft(key));
  const [restored, setRestored] = useState(() => start !== null && !sameJson(start, stored) && stored.id !== undefined);
  const [state, setState] = useState<State>(() => stateOf(start ?? stored));
  const { monitor } = state;
  const dirty = !sameJson(monitor, stored);
  useEffect(() => keepDraft(key, monitor), [key, monitor]);
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
  const set = useCallback(
    (next: Monitor) =>
      setState((before) => ({
        monitor: next,
        form: next.query === before.monitor.query && next.type === before.monitor.type ? before.form : readForm(next),
      })),
    [],
  );
  const setForm = useCallback(
    (form: Form) => setState((before) => ({ form, monitor: withForm(before.monitor, form) })),
    [],
  );
  const setThreshold = useCallback((name: ThresholdName, value: number | null) => {
    setState((before) => {
      if (name === "critical" && value !== null && before.form && isJudged(before.form)) {
        const form = { ...before.form, threshold: value };
        return { form, monitor: withForm(before.monitor, form) };
      }
      return { ...before, monitor: withThreshold(before.monitor, name, value) };
    });
  }, []);
  return {
    ...state,
    dirty,
    restored,
    set,
    setForm,
    setThreshold,
    setKind: useCallback((kind: Kind) => setState((before) => turned(before.monitor, before.form, kind)), []),
    setQuery: useCallback((query: string) => setState((before) => stateOf({ ...before.monitor, query })), []),
    discard: () => {
      setRestored(false);
      setState(stateOf(stored));
    },
  };
}

const stateOf = (monitor: Monitor): State => ({ monitor, form: readForm(monitor) });

const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
