import { Link, useRouteError } from "react-router";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";

/** The page itself failed: say what, keep the rest of the shell. */
export function Crash() {
  const error = useRouteError();
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="state failed page-state" role="alert">
      <p className="state-title">
        <Icon name="warn" /> This page stopped
      </p>
      <p className="state-text mono">{message}</p>
      <Button icon="refresh" onClick={() => window.location.reload()}>
        Reload
      </Button>
    </div>
  );
}

export function NotFound() {
  return (
    <div className="state page-state">
      <p className="state-title">There is no page at this address</p>
      <p className="state-text">
        <Link to="/dashboards">All dashboards</Link>, or Ctrl K to look for it.
      </p>
    </div>
  );
}
