import { useState } from "react";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Part } from "./Fields";
import type { Kind } from "./form";
import { KINDS } from "./kinds";
import { typeText } from "./status";

interface Props {
  kind: Kind | null;
  type: string;
  startsOpen: boolean;
  onKind: (kind: Kind) => void;
}

/** What kind of monitor; once chosen, the others fold away. */
export function KindCards({ kind, type, startsOpen, onKind }: Props) {
  const [open, setOpen] = useState(startsOpen);
  const chosen = KINDS.find((each) => each.kind === kind);
  const toggle = (
    <Button tone="quiet" icon={open ? "up" : "down"} aria-expanded={open} onClick={() => setOpen(!open)}>
      {open ? "Fold" : "Another kind"}
    </Button>
  );
  return (
    <Part step={1} title="Kind of monitor" aside={toggle}>
      {!open && (
        <p className="kind-chosen">
          {chosen && <Icon name={chosen.icon} />}
          <b>{chosen?.label ?? typeText(type)}</b>
          <span className="dim">{chosen?.what ?? "edited as text"}</span>
        </p>
      )}
      {open && (
        <div className="kind-cards" role="group" aria-label="Kind of monitor">
          {KINDS.map(({ kind: each, label, icon, what }) => (
            <button
              key={each}
              type="button"
              className="kind-card"
              aria-pressed={each === kind}
              onClick={() => (onKind(each), setOpen(false))}
            >
              <Icon name={icon} />
              <b>{label}</b>
              <span className="dim">{what}</span>
            </button>
          ))}
        </div>
      )}
    </Part>
  );
}
