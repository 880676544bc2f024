import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { MUTES, type MuteChoice } from "./mute";

interface Props {
  what: string;
  onMute: (choice: MuteChoice) => void;
  onClose: () => void;
}

/** For how long: four buttons, of which the first has the focus. */
export function MuteDialog({ what, onMute, onClose }: Props) {
  return (
    <Dialog open onClose={onClose} title={`Mute ${what}`} size="small">
      <div className="stack">
        <p className="dim">Nobody is told of changes while it is muted; states go on, and are shown here.</p>
        <div className="mute-choices">
          {MUTES.map((choice, index) => (
            <Button key={choice.label} autoFocus={index === 0} onClick={() => (onMute(choice), onClose())}>
              {choice.label}
            </Button>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
