import { Button } from "./Button";
import { Dialog } from "./Dialog";

interface Props {
  open: boolean;
  title: string;
  text: string;
  action: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function Confirm({ open, title, text, action, busy, onConfirm, onClose }: Props) {
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="danger" busy={busy} autoFocus onClick={onConfirm}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog open={open} onClose={onClose} title={title} size="small" footer={footer}>
      <p>{text}</p>
    </Dialog>
  );
}
