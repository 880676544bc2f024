import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./Button";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  footer?: ReactNode;
  size?: "small" | "medium" | "wide" | "drawer";
}

/** Not the close button, which stands first: a field with autoFocus has the focus already. */
function focusItself(event: Event): void {
  event.preventDefault();
  (event.target as HTMLElement).focus();
}

/** Escape closes the list of a field first, then the dialog. */
function listFirst(event: Event): void {
  if (document.querySelector(".cm-tooltip-autocomplete, .field-options")) event.preventDefault();
}

export function Dialog({ open, onClose, title, children, footer, size = "medium" }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={size === "drawer" ? "overlay clear" : "overlay"} />
        <Radix.Content
          className={`dialog ${size}`}
          aria-describedby={undefined}
          onOpenAutoFocus={focusItself}
          onEscapeKeyDown={listFirst}
        >
          <header className="dialog-head">
            <Radix.Title className="grow cut">{title}</Radix.Title>
            <IconButton icon="close" label="Close" shortcut="Esc" onClick={onClose} />
          </header>
          <div className="dialog-body">{children}</div>
          {footer && <footer className="dialog-foot">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
