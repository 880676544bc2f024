import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { formatCount } from "../format/units";
import { VirtualTable } from "../ui/VirtualTable";
import type { Critical } from "./critical";
import { nsText } from "./scale";
import type { Scene } from "./scene";
import { stepsOf, type Step } from "./summary";

interface Props {
  scene: Scene;
  path: Critical;
  onSelect: (span: number) => void;
}

const time = (id: "total" | "own" | "longest" | "waits", header: string): ColumnDef<Step> => ({
  id,
  header,
  accessorFn: (step) => step[id],
  cell: ({ row }) => (row.original[id] > 0 ? nsText(row.original[id]) : "–"),
  meta: { width: "92px", align: "num" },
});

/** What the trace did, summed up: which step it spent its time in, and which it took far too often. */
export function Steps({ scene, path, onSelect }: Props) {
  const { trace, ink, found, selected } = scene;
  const steps = useMemo(() => stepsOf(trace, path.waits), [trace, path]);
  const shown = useMemo(() => {
    if (!found) return steps;
    const keys = new Set([...found.list].map((span) => keyOf(trace, span)));
    return steps.filter(({ key }) => keys.has(key));
  }, [steps, found, trace]);
  const columns = useMemo(
    (): ColumnDef<Step>[] => [
      {
        id: "step",
        header: "Step",
        accessorFn: ({ name, resource }) => `${name} ${resource}`,
        sortDescFirst: false,
        meta: { width: "minmax(220px, 3fr)" },
        cell: ({ row: { original: step } }) => (
          <span className="step-name" title={step.resource}>
            <span className="step-dot" style={{ background: ink.service[step.service] }} />
            <b>{step.name}</b> <span className="dim">{step.resource}</span>
          </span>
        ),
      },
      {
        id: "spans",
        header: "Spans",
        accessorFn: (step) => step.spans,
        cell: ({ row }) => formatCount(row.original.spans),
        meta: { width: "70px", align: "num" },
      },
      {
        id: "errors",
        header: "Errors",
        accessorFn: (step) => step.errors,
        cell: ({ row }) => (
          <span className={row.original.errors > 0 ? "change bad" : "dim"}>{row.original.errors}</span>
        ),
        meta: { width: "70px", align: "num" },
      },
      time("own", "Own time"),
      time("waits", "Critical"),
      time("total", "Total"),
      time("longest", "Longest"),
    ],
    [ink],
  );
  return (
    <div className="steps">
      <VirtualTable
        label="Steps of the trace"
        rows={shown}
        columns={columns}
        idOf={({ key }) => key}
        onOpen={({ span }) => onSelect(span)}
        selected={selected === null ? null : keyOf(trace, selected)}
        sort={[{ id: "own", desc: true }]}
        rowPx={26}
      />
    </div>
  );
}

const keyOf = ({ service, name, resource }: Scene["trace"], span: number) =>
  `${service[span]}|${name[span]}|${resource[span]}`;
