import { useBlocker, useSearchParams } from "react-router";
import { TimePicker } from "../time/TimePicker";
import { Button, IconButton } from "../ui/Button";
import { copyText } from "../ui/clipboard";
import { Confirm } from "../ui/Confirm";
import { Menu } from "../ui/Menu";
import { PageHead } from "../ui/PageHead";
import { toast } from "../ui/toast";
import type { Open } from "./BoardDialogs";
import type { Dashboard } from "./model";

interface Props {
  dashboard: Dashboard;
  state: { editing: boolean; dirty: boolean; saving: boolean; showEvents: boolean };
  onEdit: () => void;
  onSave: () => void;
  onCancel: () => void;
  onOpen: (open: Open) => void;
  onTitle: (title: string) => void;
}

export function BoardHead({ dashboard, state, onEdit, onSave, onCancel, onOpen, onTitle }: Props) {
  const { editing, dirty, saving } = state;
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => dirty && !saving && currentLocation.pathname !== nextLocation.pathname,
  );
  const aside = editing ? (
    <input
      className="input title-input"
      aria-label="Title"
      value={dashboard.title}
      onChange={(event) => onTitle(event.target.value)}
    />
  ) : (
    dashboard.is_read_only && <span className="badge">built in</span>
  );
  return (
    <PageHead title={editing ? "Editing" : dashboard.title} aside={aside}>
      <TimePicker />
      <span className="head-gap" />
      {editing ? (
        <>
          <Button icon="plus" onClick={() => onOpen({ kind: "add" })}>
            Widget
          </Button>
          <Button onClick={onCancel}>{dirty ? "Discard" : "Done"}</Button>
          <Button tone="primary" busy={saving} disabled={!dirty} onClick={onSave}>
            Save
          </Button>
        </>
      ) : (
        <Button
          icon="edit"
          onClick={() => (dashboard.is_read_only ? onOpen({ kind: "copy" }) : onEdit())}
          title="Edit (e)"
        >
          Edit
        </Button>
      )}
      <BoardMenu dashboard={dashboard} editing={editing} showEvents={state.showEvents} onOpen={onOpen} />
      <Confirm
        open={blocker.state === "blocked"}
        title="Leave without saving?"
        text="The changes to this dashboard are lost."
        action="Leave"
        onConfirm={() => blocker.proceed?.()}
        onClose={() => blocker.reset?.()}
      />
    </PageHead>
  );
}

function BoardMenu({
  dashboard,
  editing,
  showEvents,
  onOpen,
}: {
  dashboard: Dashboard;
  editing: boolean;
  showEvents: boolean;
  onOpen: (open: Open) => void;
}) {
  const [, setParams] = useSearchParams();
  const toggleEvents = () =>
    setParams((current) => {
      const next = new URLSearchParams(current);
      if (showEvents) next.set("ev", "0");
      else next.delete("ev");
      return next;
    });
  return (
    <Menu
      trigger={<IconButton icon="more" label="More on this dashboard" />}
      items={[
        { label: "Events on charts", icon: "event", checked: showEvents, onSelect: toggleEvents },
        {
          label: "Copy link",
          icon: "link",
          onSelect: () => void copyText(window.location.href).then(() => toast("Link copied")),
        },
        {
          label: "Copy JSON",
          icon: "copy",
          onSelect: () => void copyText(JSON.stringify(dashboard, null, 2)).then(() => toast("JSON copied")),
        },
        { label: editing ? "Edit JSON" : "View JSON", icon: "code", onSelect: () => onOpen({ kind: "board-json" }) },
        {
          label: "Template variables",
          icon: "settings",
          disabled: !editing,
          onSelect: () => onOpen({ kind: "variables" }),
        },
        null,
        { label: "Make a copy", icon: "dashboards", onSelect: () => onOpen({ kind: "copy" }) },
      ]}
    />
  );
}
