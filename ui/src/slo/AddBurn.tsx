import { useState } from "react";
import { Link } from "react-router";
import { useAddMonitors, type Slo, type Timeframe } from "../api/slos";
import { HandleInput } from "../notify/HandleInput";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { burnMonitor, burnQuery, PAIR } from "./burn";

/** Two monitors that tell of a budget that goes too fast: prefilled, each can be left out. */
export function AddBurn({ slo, onClose }: { slo: Slo; onClose: () => void }) {
  const timeframe: Timeframe = slo.thresholds[0]?.timeframe ?? "30d";
  const [wanted, setWanted] = useState(PAIR.map(() => true));
  const [rates, setRates] = useState(PAIR.map(({ rate }) => rate));
  const [to, setTo] = useState("");
  const add = useAddMonitors();
  const burns = PAIR.map((burn, index) => ({ ...burn, rate: rates[index] }));
  const chosen = burns.filter((_, index) => wanted[index]);
  if (add.data)
    return (
      <Dialog
        open
        onClose={onClose}
        title="Watched from now on"
        size="small"
        footer={<Button onClick={onClose}>Close</Button>}
      >
        <ul className="preview-monitors">
          {add.data.map(({ id, name }) => (
            <li key={id}>
              <Link to={`/monitors/${id}`}>{name}</Link>
            </li>
          ))}
        </ul>
      </Dialog>
    );
  const footer = (
    <>
      <p className="form-error grow" role="alert">
        {add.isError && add.error.message}
      </p>
      <Button onClick={onClose}>Close</Button>
      <Button
        tone="primary"
        busy={add.isPending}
        disabled={chosen.length === 0}
        onClick={() => add.mutate(chosen.map((burn) => burnMonitor(slo, timeframe, burn, to)))}
      >
        {chosen.length === 1 ? "Add the monitor" : `Add ${chosen.length} monitors`}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title="Burn-rate monitors" footer={footer}>
      <div className="stack">
        <p className="dim">
          A burn rate of 1 spends the budget exactly by the end of its window. Each monitor looks at a long window, so
          that a blip does not wake anybody, and at a short one, so that it ends when the trouble does.
        </p>
        {burns.map((burn, index) => (
          <div key={burn.name} className="burn-row">
            <label className="tick">
              <input
                type="checkbox"
                checked={wanted[index]}
                onChange={(event) => setWanted(wanted.map((old, at) => (at === index ? event.target.checked : old)))}
              />{" "}
              <b>{burn.name}</b>
            </label>
            <label className="field tiny">
              <span>faster than</span>
              <input
                type="number"
                step="0.1"
                min={0.1}
                aria-label={`Rate of the ${burn.name}`}
                value={burn.rate}
                onChange={(event) =>
                  setRates(rates.map((old, at) => (at === index ? Number(event.target.value) : old)))
                }
              />
            </label>
            <p className="dim">{burn.text}</p>
            <code className="burn-query">{burnQuery(slo.id ?? "", timeframe, burn)}</code>
          </div>
        ))}
        <div className="field">
          <span>Who is told</span>
          <HandleInput value={to} onChange={setTo} />
        </div>
      </div>
    </Dialog>
  );
}
