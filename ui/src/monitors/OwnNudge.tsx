import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { ownMonitors, useTellOwn } from "../api/monitorImport";
import { HandleInput } from "../notify/HandleInput";
import { Button } from "../ui/Button";

/** A fresh install watches itself and tells nobody: whoever opens the list is asked whom to tell. */
export function OwnNudge() {
  const { data } = useQuery(ownMonitors);
  const tell = useTellOwn();
  const [handles, setHandles] = useState("");
  const untold = data?.monitors.filter((monitor) => monitor.handles.length === 0) ?? [];
  if (untold.length === 0) return null;
  return (
    <section className="own-nudge" aria-label="Whom Oriel tells about itself">
      <p className="grow">
        <b>Nobody is told when Oriel itself is in trouble</b>: a full disk, data refused, alerts late or undelivered.
        Whom to tell? <span className="dim">Mail and channels are set up in </span>
        <Link to="/settings/notifications">notifications</Link>.
      </p>
      <HandleInput value={handles} onChange={setHandles} />
      <Button
        tone="primary"
        disabled={handles.trim() === "" || tell.isPending}
        onClick={() => tell.mutate(handles.split(/\s+/).filter(Boolean))}
      >
        Tell them
      </Button>
      {tell.isError && (
        <p className="form-error" role="alert">
          {tell.error.message}
        </p>
      )}
    </section>
  );
}
