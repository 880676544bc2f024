import { Button, IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { MUTES, type MuteChoice } from "./mute";

interface Props {
  count: number;
  busy: boolean;
  onMute: (choice: MuteChoice) => void;
  onUnmute: () => void;
  onResolve: () => void;
  onDelete: () => void;
  onClear: () => void;
}

/** What can be done with the chosen monitors; it stands over the table only while some are. */
export function BulkBar({ count, busy, onMute, onUnmute, onResolve, onDelete, onClear }: Props) {
  return (
    <div className="bulk-bar" role="toolbar" aria-label="With the chosen monitors">
      <b>{count}</b> chosen
      <Menu
        align="start"
        trigger={
          <Button icon="mute" busy={busy}>
            Mute for …
          </Button>
        }
        items={MUTES.map((choice) => ({ label: choice.label, onSelect: () => onMute(choice) }))}
      />
      <Button icon="monitors" busy={busy} onClick={onUnmute}>
        Unmute
      </Button>
      <Button icon="check" busy={busy} onClick={onResolve}>
        Resolve
      </Button>
      <Button icon="trash" tone="danger" busy={busy} onClick={onDelete}>
        Delete
      </Button>
      <span className="grow" />
      <IconButton icon="close" label="Choose none" shortcut="Esc" onClick={onClear} />
    </div>
  );
}
