import { useState } from "react";
import type { Processor, Step } from "../api/pipelines";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import { Switch } from "../ui/Switch";
import { kindOf, KINDS, newProcessor, summaryOf } from "./kinds";
import { ProcessorForm } from "./ProcessorForm";

interface Props {
  list: Processor[];
  onChange: (list: Processor[]) => void;
  /** What the bench says of each, in the same order; only the outermost list has it. */
  steps?: (Step | undefined)[];
  depth?: number;
}

/** Pipelines in pipelines go no deeper than this on the page; deeper ones are edited as JSON. */
const DEPTH_MAX = 2;

export function Processors({ list, onChange, steps = [], depth = 0 }: Props) {
  const [open, setOpen] = useState<number | null>(null);
  const set = (index: number, next: Processor) => onChange(list.map((old, at) => (at === index ? next : old)));
  const move = (index: number, by: number) => {
    const next = [...list];
    const [taken] = next.splice(index, 1);
    next.splice(index + by, 0, taken);
    onChange(next);
    setOpen(open === index ? index + by : null);
  };
  const add = (type: string) => {
    onChange([...list, newProcessor(kindOf(type)!)]);
    setOpen(list.length);
  };
  return (
    <ol className="processors">
      {list.map((processor, index) => (
        <li key={index} className={processor.is_enabled ? "processor" : "processor off"}>
          <Head
            processor={processor}
            step={steps[index]}
            open={open === index}
            first={index === 0}
            last={index === list.length - 1}
            onOpen={() => setOpen(open === index ? null : index)}
            onEnable={(is_enabled) => set(index, { ...processor, is_enabled })}
            onMove={(by) => move(index, by)}
            onRemove={() => (onChange(list.filter((_, at) => at !== index)), setOpen(null))}
          />
          {open === index && <Body processor={processor} depth={depth} onChange={(next) => set(index, next)} />}
        </li>
      ))}
      <li>
        <Menu
          align="start"
          trigger={
            <Button icon="plus" tone="quiet">
              Processor
            </Button>
          }
          items={KINDS.filter(({ type }) => type !== "pipeline" || depth + 1 < DEPTH_MAX).map(({ type, label }) => ({
            label,
            onSelect: () => add(type),
          }))}
        />
      </li>
    </ol>
  );
}

interface HeadProps {
  processor: Processor;
  step: Step | undefined;
  open: boolean;
  first: boolean;
  last: boolean;
  onOpen: () => void;
  onEnable: (enabled: boolean) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
}

function Head({ processor, step, open, first, last, onOpen, onEnable, onMove, onRemove }: HeadProps) {
  const kind = kindOf(processor.type);
  const name = processor.name || kind?.label || processor.type;
  return (
    <div className="processor-head">
      <Switch checked={processor.is_enabled} label={`${name} is on`} onChange={onEnable} />
      <button type="button" className="processor-name" aria-expanded={open} onClick={onOpen}>
        <Icon name={open ? "down" : "forward"} size={11} />
        <b className="cut">{name}</b>
        <span className="dim">{kind?.label ?? processor.type}</span>
        <span className="dim mono cut grow">{summaryOf(processor)}</span>
      </button>
      {step && processor.is_enabled && <Outcome step={step} />}
      <IconButton icon="up" label={`${name} earlier`} disabled={first} onClick={() => onMove(-1)} />
      <IconButton icon="down" label={`${name} later`} disabled={last} onClick={() => onMove(1)} />
      <IconButton icon="trash" label={`Remove ${name}`} onClick={onRemove} />
    </div>
  );
}

export function Outcome({ step }: { step: Step }) {
  if (step.error && !step.applied)
    return (
      <span className="badge" title={step.error}>
        no match
      </span>
    );
  if (!step.applied) return <span className="badge">not applied</span>;
  const count = step.changed.length;
  return <span className="badge ok">{count === 0 ? "applied" : `${count} ${count === 1 ? "field" : "fields"}`}</span>;
}

function Body({
  processor,
  depth,
  onChange,
}: {
  processor: Processor;
  depth: number;
  onChange: (next: Processor) => void;
}) {
  const kind = kindOf(processor.type);
  if (!kind)
    return (
      <p className="dim processor-form">This type has no form here; it is kept as it is, and can be edited as JSON.</p>
    );
  return (
    <>
      <p className="dim processor-what">{kind.what}</p>
      <ProcessorForm processor={processor} kind={kind} onChange={onChange} />
      {processor.type === "pipeline" && depth + 1 < DEPTH_MAX && (
        <div className="nested">
          <Processors
            list={processor.processors ?? []}
            depth={depth + 1}
            onChange={(processors) => onChange({ ...processor, processors })}
          />
        </div>
      )}
    </>
  );
}
