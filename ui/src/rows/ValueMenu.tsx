import { DropdownMenu } from "radix-ui";
import { useCallback, useRef, useState, type ReactNode } from "react";
import { copyText } from "../ui/clipboard";
import { Icon, type IconName } from "../ui/Icon";
import { toast } from "../ui/toast";
import { ValueMenuContext, type OpenValueMenu, type RowActions } from "./actions";
import type { FieldValue } from "./filters";

interface Opened {
  field: string;
  value: FieldValue | null;
  x: number;
  y: number;
}

/** One menu for every value below it: hundreds of values cost no menu each. */
export function ValueMenu({ actions, children }: { actions: RowActions; children: ReactNode }) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const back = useRef<HTMLElement | null>(null);
  const open = useCallback<OpenValueMenu>((at, field, value) => {
    const element = at instanceof HTMLElement ? at : null;
    const box = element?.getBoundingClientRect();
    back.current = element;
    const { x, y } = box ? { x: box.left, y: box.bottom } : (at as { x: number; y: number });
    setOpened({ field, value, x, y });
  }, []);
  return (
    <ValueMenuContext value={open}>
      {children}
      <DropdownMenu.Root open={opened !== null} onOpenChange={(next) => !next && setOpened(null)} modal={false}>
        <DropdownMenu.Trigger asChild>
          <span className="menu-point" aria-hidden="true" style={{ left: opened?.x ?? 0, top: opened?.y ?? 0 }} />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            className="menu value-menu"
            align="start"
            sideOffset={2}
            collisionPadding={8}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              back.current?.focus();
            }}
          >
            {opened && <Items opened={opened} actions={actions} />}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </ValueMenuContext>
  );
}

const SHOWN_CHARS = 60;

function Items({ opened, actions }: { opened: Opened; actions: RowActions }) {
  const { field, value } = opened;
  const text = String(value ?? "");
  const isText = field === "message";
  const item = (label: string, icon: IconName, onSelect: () => void) => (
    <DropdownMenu.Item key={label} className="menu-item" onSelect={onSelect}>
      <Icon name={icon} />
      <span className="grow">{label}</span>
    </DropdownMenu.Item>
  );
  const copy = (what: string) => void copyText(what).then(() => toast("Copied"));
  return (
    <>
      <p className="value-menu-head mono cut">
        <span className="dim">{field}</span>
        {value !== null && `: ${text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text}`}
      </p>
      {value !== null && item("Filter by this", "search", () => actions.filter(field, value))}
      {value !== null && item("Exclude this", "close", () => actions.exclude(field, value))}
      {!isText && actions.group && item(`Group by ${field}`, "metrics", () => actions.group?.(field))}
      {!isText &&
        actions.column &&
        item(actions.columns?.includes(field) ? "Remove the column" : "Add as a column", "side", () =>
          actions.column?.(field),
        )}
      <DropdownMenu.Separator className="menu-gap" />
      {value !== null && item("Copy the value", "copy", () => copy(text))}
      {item("Copy the name", "code", () => copy(field))}
    </>
  );
}
