/** Keys that work anywhere but in a field: single ones and two in a row (`g d`). */
import { useEffect, useRef } from "react";

export type Hotkeys = Record<string, () => void>;

const SEQUENCE_MS = 1_200;

export const KEY_HELP: { keys: string; what: string }[] = [
  { keys: "Ctrl K", what: "Command palette: go to any page, dashboard, host or metric" },
  { keys: "g d", what: "Dashboards" },
  { keys: "g m", what: "Metrics explorer" },
  { keys: "g s", what: "Metrics summary" },
  { keys: "g a", what: "Services" },
  { keys: "g t", what: "Traces" },
  { keys: "g p", what: "Service map" },
  { keys: "g l", what: "Logs" },
  { keys: "g e", what: "Events" },
  { keys: "g o", what: "Monitors" },
  { keys: "g h", what: "Hosts" },
  { keys: "g i", what: "Set-up: send data in" },
  { keys: "g ,", what: "Settings" },
  { keys: "t", what: "Time range" },
  { keys: "l", what: "Live on and off" },
  { keys: "[  ]", what: "One range back, one forward" },
  { keys: "-  +", what: "Zoom out, zoom in" },
  { keys: "r", what: "Refresh" },
  { keys: "/", what: "The search of a page of logs, traces or events" },
  { keys: "j  k", what: "The row below, the row above" },
  { keys: "Enter", what: "Open the row, or close it" },
  { keys: "f  w", what: "Facets shown or hidden, lines wrapped or cut" },
  { keys: "p", what: "Pause the live tail" },
  { keys: "e", what: "Edit the dashboard" },
  { keys: "n  p", what: "In a trace: next and previous error" },
  { keys: "f  v", what: "In a trace: find; waterfall, flame graph or steps" },
  { keys: "c  z  0", what: "In a trace: critical path; zoom to the span; all of it" },
  { keys: "Shift D", what: "Light or dark" },
  { keys: "?", what: "This help" },
  { keys: "Esc", what: "Close, or leave the full screen" },
];

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** What is on top of the page answers first: a page's own keys win over the shell's. */
const stack: { current: Hotkeys }[] = [];
let first = "";
let at = 0;

function actionFor(key: string): (() => void) | undefined {
  for (let index = stack.length - 1; index >= 0; index -= 1) {
    const action = stack[index].current[key];
    if (action) return action;
  }
  return undefined;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || isField(event.target) || event.altKey) return;
  if (document.querySelector("[role=dialog], [role=menu]")) return;
  const modified = event.ctrlKey || event.metaKey;
  const key = modified ? `mod+${event.key.toLowerCase()}` : event.key;
  const sequence = performance.now() - at < SEQUENCE_MS && first !== "" ? `${first} ${key}` : "";
  const action = (sequence && actionFor(sequence)) || actionFor(key);
  first = key;
  at = performance.now();
  if (!action) return;
  event.preventDefault();
  first = "";
  action();
}

/** The shell is the ground: it may mount together with a page, and still comes last. */
export function useHotkeys(keys: Hotkeys, ground = false): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (stack.length === 0) window.addEventListener("keydown", onKey);
    if (ground) stack.unshift(latest);
    else stack.push(latest);
    return () => {
      stack.splice(stack.indexOf(latest), 1);
      if (stack.length === 0) window.removeEventListener("keydown", onKey);
    };
  }, [ground]);
}
