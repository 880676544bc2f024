import { useEffect, useState } from "react";
import { Link } from "react-router";
import { useImport, type ImportAnswer } from "../api/monitorImport";
import { Button } from "../ui/Button";
import { countText } from "./importing";

interface Props {
  monitors: unknown[];
  onClose: () => void;
}

/** Many monitors of an export: first what would become of them, then the import with its report. */
export function ImportPane({ monitors, onClose }: Props) {
  const trial = useImport();
  const real = useImport();
  const [muted, setMuted] = useState(true);
  const { mutate } = trial;
  useEffect(() => mutate({ monitors, muted: false, dry: true }), [mutate, monitors]);
  const answer = real.data ?? trial.data;
  const error = real.error ?? trial.error;
  const takes = trial.data?.taken.length ?? 0;
  return (
    <div className="stack">
      {answer ? <Report answer={answer} done={real.isSuccess} /> : !error && <p className="dim">Checking…</p>}
      {error && (
        <p className="form-error" role="alert">
          {error.message}
        </p>
      )}
      {!real.isSuccess && takes > 0 && (
        <label className="tick">
          <input type="checkbox" checked={muted} onChange={(event) => setMuted(event.target.checked)} />
          Muted at first, so that nobody is told twice while both sides run
        </label>
      )}
      <div className="actions">
        <Button onClick={onClose}>{real.isSuccess ? "Close" : "Cancel"}</Button>
        {!real.isSuccess && (
          <Button
            tone="primary"
            disabled={takes === 0 || real.isPending}
            onClick={() => real.mutate({ monitors, muted, dry: false })}
          >
            {real.isPending ? "Importing…" : `Import ${countText(takes, "monitor")}`}
          </Button>
        )}
      </div>
    </div>
  );
}

function Report({ answer: { taken, known, refused }, done }: { answer: ImportAnswer; done: boolean }) {
  const warned = taken.filter(({ warnings }) => warnings.length > 0);
  return (
    <>
      <p role="status">
        <b>{countText(taken.length, "monitor")}</b>{" "}
        {done ? (taken.length === 1 ? "is here" : "are here") : "can be taken"}
        {known.length > 0 && `, ${known.length} known already`}
        {refused.length > 0 && `, ${refused.length} refused`}.
      </p>
      {refused.length > 0 && (
        <ul className="import-report" aria-label="Refused">
          {refused.map(({ from_id, name, errors }, at) => (
            <li key={`${from_id}-${at}`}>
              <b>{name || `monitor ${from_id ?? at + 1}`}</b>
              {errors.map((error) => (
                <p key={error} className="form-error">
                  {error}
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
      {warned.length > 0 && (
        <ul className="import-report" aria-label="Taken with notes">
          {warned.map(({ id, name, warnings }, at) => (
            <li key={`${name}-${at}`}>
              {id === null ? <b>{name}</b> : <Link to={`/monitors/${id}`}>{name}</Link>}
              {warnings.map((warning) => (
                <p key={warning} className="dim">
                  {warning}
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
