import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Monitor, Muted } from "../api/monitorModel";
import { useBulk, useDeleteMonitor, useMute, useUnmute } from "../api/monitors";
import { Button } from "../ui/Button";
import { copyText } from "../ui/clipboard";
import { Confirm } from "../ui/Confirm";
import { Icon } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import { toast } from "../ui/toast";
import { JsonDialog } from "../dashboard/JsonDialog";
import { useHotkeys } from "../app/hotkeys";
import { copyOf, editorWith } from "./draft";
import { MUTES, untilOf } from "./mute";

interface Props {
  id: string;
  monitor: Monitor;
  muted: Muted | null;
}

const failed = (error: Error) => toast(error.message, "bad");

/** Mute, edit, clone, export, resolve, delete. */
export function MonitorActions({ id, monitor, muted }: Props) {
  const navigate = useNavigate();
  const mute = useMute();
  const unmute = useUnmute();
  const bulk = useBulk();
  const remove = useDeleteMonitor();
  const [dialog, setDialog] = useState<"json" | "delete" | null>(null);
  useHotkeys({ e: () => void navigate(`/monitors/${id}/edit`) });
  return (
    <>
      {muted ? (
        <Button
          icon="monitors"
          busy={unmute.isPending}
          onClick={() => unmute.mutate({ id }, { onSuccess: () => toast("Unmuted"), onError: failed })}
        >
          Unmute
        </Button>
      ) : (
        <Menu
          trigger={
            <Button icon="mute" busy={mute.isPending}>
              Mute
            </Button>
          }
          items={MUTES.map((choice) => ({
            label: choice.label,
            onSelect: () =>
              mute.mutate(
                { id, untilMs: untilOf(choice) },
                { onSuccess: () => toast(`Muted: ${choice.label.toLowerCase()}`), onError: failed },
              ),
          }))}
        />
      )}
      <Link className="button" to={`/monitors/${id}/edit`} title="Edit (e)">
        <Icon name="edit" /> Edit
      </Link>
      <Menu
        trigger={<Button icon="more" className="icon-only" aria-label="More actions" />}
        items={[
          {
            label: "Clone",
            icon: "copy",
            onSelect: () => void navigate(editorWith(copyOf(monitor, `${monitor.name} (copy)`))),
          },
          { label: "Export JSON", icon: "code", onSelect: () => setDialog("json") },
          {
            label: "Copy link",
            icon: "link",
            onSelect: () => void copyText(window.location.href).then(() => toast("Link copied")),
          },
          {
            label: "Resolve all groups",
            icon: "check",
            onSelect: () =>
              bulk.mutate(
                { ids: [Number(id)], action: "resolve" },
                {
                  onSuccess: ({ failed: not }) =>
                    not.length > 0 ? toast(not[0].error, "bad") : toast("Resolved: it is OK until the next evaluation"),
                  onError: failed,
                },
              ),
          },
          null,
          { label: "Delete…", icon: "trash", danger: true, onSelect: () => setDialog("delete") },
        ]}
      />
      {dialog === "json" && <JsonDialog title={monitor.name} value={monitor} onClose={() => setDialog(null)} />}
      <Confirm
        open={dialog === "delete"}
        title={`Delete “${monitor.name}”?`}
        text="Its history and the states of its groups go with it. Nobody is told by it any more. This cannot be undone."
        action="Delete"
        busy={remove.isPending}
        onClose={() => setDialog(null)}
        onConfirm={() =>
          remove.mutate(id, {
            onSuccess: () => (toast("Deleted"), void navigate("/monitors")),
            onError: failed,
            onSettled: () => setDialog(null),
          })
        }
      />
    </>
  );
}
