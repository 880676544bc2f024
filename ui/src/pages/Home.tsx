import { Navigate } from "react-router";
import { useMe } from "../api/session";

/** The first run leads to the set-up page, every other to the machine's own dashboard. */
export function Home() {
  const me = useMe();
  if (!me.data) return null;
  if (me.data.first_run) return <Navigate to="/setup" replace />;
  const params = new URLSearchParams({ tpl_var_host: me.data.hostname, range: "1h" });
  return <Navigate to={`/dashboard/system?${params}`} replace />;
}
