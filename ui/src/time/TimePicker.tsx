import { Popover } from "radix-ui";
import { useState, type FormEvent } from "react";
import { useHotkeys } from "../app/hotkeys";
import { rangeText } from "../format/clock";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { usePageRange } from "./page";
import { PRESETS, parseSpan, sameRange, spanText, type TimeRange } from "./range";
import { parseTyped } from "./typed";

const EXAMPLES = ["45m", "2d", "yesterday", "10:00 - 11:30", "Nov 18, 22:00 - Nov 19, 02:00"];

export function TimePicker() {
  const { range, span, nowMs, setRange, goLive, refresh } = usePageRange();
  const [open, setOpen] = useState(false);
  const live = range.kind === "live";
  const length = span.toMs - span.fromMs;
  const shift = (share: number) =>
    setRange({
      kind: "fixed",
      fromMs: span.fromMs + length * share,
      toMs: Math.min(Math.max(nowMs, Date.now()), span.toMs + length * share),
    });
  const scale = (by: number) => {
    if (live) return setRange({ kind: "live", spanMs: Math.max(60_000, Math.round(length * by)) });
    const middle = (span.fromMs + span.toMs) / 2;
    setRange({ kind: "fixed", fromMs: middle - (length * by) / 2, toMs: middle + (length * by) / 2 });
  };
  const toggle = () => (live ? setRange({ kind: "fixed", ...span }) : goLive());
  useHotkeys({
    t: () => setOpen(true),
    l: toggle,
    r: refresh,
    "[": () => shift(-1),
    "]": () => shift(1),
    "-": () => scale(2),
    "+": () => scale(0.5),
  });
  const shown = live ? (presetLabel(range) ?? `Past ${spanText(range.spanMs)}`) : rangeText(span.fromMs, span.toMs);
  return (
    <div className="time" role="group" aria-label="Time range">
      <IconButton icon="back" label="Earlier" shortcut="[" onClick={() => shift(-1)} />
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger
          className="button time-button"
          aria-label={`Time range: ${spanText(niceSpan(length))} ${shown}`}
          title="Time range (t)"
        >
          <span className="time-badge">{spanText(niceSpan(length))}</span> <span className="cut">{shown}</span>
          <Icon name="down" size={12} />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content className="popover time-menu" align="end" sideOffset={4} collisionPadding={8}>
            <Picker
              range={range}
              nowMs={nowMs}
              onPick={(next) => {
                setRange(next);
                setOpen(false);
              }}
            />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <IconButton icon="forward" label="Later" shortcut="]" disabled={live} onClick={() => shift(1)} />
      <button
        type="button"
        className={live ? "button live on" : "button live"}
        onClick={toggle}
        aria-pressed={live}
        title={live ? "Live: click to hold still (l)" : "Held: click to go on live (l)"}
      >
        <Icon name={live ? "pause" : "play"} />
        {live ? "Live" : "Held"}
      </button>
      <IconButton icon="refresh" label="Refresh" shortcut="r" onClick={refresh} />
    </div>
  );
}

/** Spans of zoomed ranges are seldom round: whole minutes (or seconds) read well enough. */
function niceSpan(ms: number): number {
  const unit = ms > 172_800_000 ? 3_600_000 : ms > 600_000 ? 60_000 : 1_000;
  return Math.max(unit, Math.round(ms / unit) * unit);
}

function presetLabel(range: TimeRange): string | undefined {
  return PRESETS.find(({ text }) => sameRange({ kind: "live", spanMs: parseSpan(text)! }, range))?.label;
}

function Picker({ range, nowMs, onPick }: { range: TimeRange; nowMs: number; onPick: (range: TimeRange) => void }) {
  const [text, setText] = useState("");
  const typed = parseTyped(text, nowMs);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed) onPick(typed);
  };
  return (
    <>
      <form onSubmit={submit}>
        <input
          className="input"
          autoFocus
          aria-label="Type a time range"
          placeholder="4h, yesterday, 10:00 - 11:30 …"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <p className={text !== "" && !typed ? "form-error time-hint" : "dim time-hint"} role="status">
          {text === "" && `For example ${EXAMPLES.slice(0, 4).join("  ·  ")}`}
          {text !== "" && !typed && `Not a range; try ${EXAMPLES[3]} or ${EXAMPLES[4]}`}
          {typed &&
            (typed.kind === "live"
              ? `Past ${spanText(typed.spanMs)}, live: Enter`
              : `${rangeText(typed.fromMs, typed.toMs)}: Enter`)}
        </p>
      </form>
      <ul className="time-presets">
        {PRESETS.map(({ text: span, label }) => {
          const preset: TimeRange = { kind: "live", spanMs: parseSpan(span)! };
          const on = sameRange(preset, range);
          return (
            <li key={span}>
              <Button tone="quiet" className={on ? "on" : ""} onClick={() => onPick(preset)}>
                <span className="time-badge">{span}</span>
                <span className="grow">{label}</span>
                {on && <Icon name="check" />}
              </Button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
