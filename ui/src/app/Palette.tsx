import { Dialog as Radix } from "radix-ui";
import { useDeferredValue, useState, type KeyboardEvent } from "react";
import { useNavigate } from "react-router";
import { Icon } from "../ui/Icon";
import { useCommands, type Command } from "./commands";

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content className="palette" aria-describedby={undefined}>
          <Radix.Title className="only-read">Command palette</Radix.Title>
          {open && <Search onClose={onClose} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Search({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const commands = useCommands(useDeferredValue(text));
  const chosen = Math.min(at, Math.max(0, commands.length - 1));
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    if (command.to) void navigate(command.to);
    else command.run?.();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((chosen + step + commands.length) % Math.max(1, commands.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(commands[chosen]);
    }
  };
  return (
    <>
      <div className="palette-field">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={commands[chosen] ? `palette-${chosen}` : undefined}
          aria-label="Go to a page, dashboard, host or metric, or search logs and traces"
          placeholder="A page, dashboard, host, metric, a range like 4h, or a user’s id to search for"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
        <kbd>Esc</kbd>
      </div>
      <ul id="palette-list" role="listbox" className="palette-list" aria-label="Results">
        {commands.map((command, index) => (
          <li
            key={command.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            ref={index === chosen ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
            className={index === chosen ? "palette-item on" : "palette-item"}
            onMouseMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} />
            <span className="cut grow">{command.label}</span>
            <span className="dim">{command.hint}</span>
          </li>
        ))}
        {commands.length === 0 && (
          <li className="palette-none dim">Nothing of that name. Metrics are found by any part of their name.</li>
        )}
      </ul>
    </>
  );
}
