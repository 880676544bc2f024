/** Short words at the foot of the page, for what happened out of sight. */
import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
  tone: "ok" | "bad";
}

const STAY_MS = 4_000;
const TOASTS_MAX = 3;

let toasts: Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(all: Toast[]): void {
  toasts = all;
  for (const listener of listeners) listener();
}

export function toast(text: string, tone: Toast["tone"] = "ok"): void {
  const id = next++;
  set([...toasts, { id, text, tone }].slice(-TOASTS_MAX));
  setTimeout(() => set(toasts.filter((each) => each.id !== id)), STAY_MS);
}

export function useToasts(): Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
