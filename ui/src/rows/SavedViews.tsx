import { useState, type FormEvent } from "react";
import { useLocation, useNavigate } from "react-router";
import type { Signal } from "../api/rows";
import { useDeleteView, useSaveView, useViews, type SavedView } from "../api/views";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Menu } from "../ui/Menu";
import { Confirm } from "../ui/Confirm";
import { toast } from "../ui/toast";

const complain = (error: unknown) => toast(error instanceof Error ? error.message : String(error), "bad");

/** Addresses under a name, for everybody here. */
export function SavedViews({ signal }: { signal: Signal }) {
  const navigate = useNavigate();
  const views = (useViews().data ?? []).filter((view) => view.signal === signal);
  const remove = useDeleteView();
  const [saving, setSaving] = useState(false);
  const [doomed, setDoomed] = useState<SavedView | null>(null);
  const here = useAddress();
  const current = views.find(({ url }) => url === here);
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button tone="quiet" icon="star" aria-label="Saved views">
            {current?.name ?? "Views"}
          </Button>
        }
        items={[
          ...views.map((view) => ({
            label: view.name,
            checked: view === current,
            onSelect: () => void navigate(view.url),
          })),
          ...(views.length > 0 ? [null] : []),
          { label: "Save this view…", icon: "plus" as const, onSelect: () => setSaving(true) },
          ...(current
            ? [
                {
                  label: `Delete “${current.name}”`,
                  icon: "trash" as const,
                  danger: true,
                  onSelect: () => setDoomed(current),
                },
              ]
            : []),
        ]}
      />
      {saving && <SaveView signal={signal} url={here} onClose={() => setSaving(false)} />}
      <Confirm
        open={doomed !== null}
        title="Delete the view"
        text={`“${doomed?.name ?? ""}” goes for everybody; the rows that it shows stay.`}
        action="Delete"
        busy={remove.isPending}
        onConfirm={() => doomed && remove.mutate(doomed.id, { onSuccess: () => setDoomed(null), onError: complain })}
        onClose={() => setDoomed(null)}
      />
    </>
  );
}

/** The page without the row that happens to be open. */
function useAddress(): string {
  const { pathname, search } = useLocation();
  const params = new URLSearchParams(search);
  params.delete("row");
  const text = params.toString();
  return text ? `${pathname}?${text}` : pathname;
}

function SaveView({ signal, url, onClose }: { signal: Signal; url: string; onClose: () => void }) {
  const save = useSaveView();
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    save.mutate({ name: name.trim(), signal, url }, { onSuccess: () => (toast("View saved"), onClose()) });
  };
  return (
    <Dialog open onClose={onClose} title="Save this view" size="small">
      <form onSubmit={submit} className="stack">
        <label className="field">
          <span>Name</span>
          <input autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <p className="dim">The search, range, columns and groups are kept as they are now.</p>
        {save.isError && (
          <p className="form-error" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={name.trim() === ""}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
