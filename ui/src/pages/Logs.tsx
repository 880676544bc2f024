import { Link } from "react-router";
import { CONTENT_COLUMN } from "../rows/columns";
import { Explorer, type ExplorerPage } from "../rows/Explorer";
import { Icon } from "../ui/Icon";
import { Empty } from "../ui/States";

const PAGE: ExplorerPage = {
  signal: "logs",
  title: "Logs",
  tabs: [
    ["list", "List"],
    ["patterns", "Patterns"],
    ["group", "Group by"],
    ["tail", "Live tail"],
  ],
  last: [CONTENT_COLUMN],
  columns: ["status", "service", "host"],
  links: (
    <Link to="/logs/pipelines" className="button quiet">
      <Icon name="pipelines" />
      Pipelines
    </Link>
  ),
  empty: (
    <Empty
      title="No log has come in yet"
      lines={[
        "logger --udp --server 127.0.0.1 --port 5514 --rfc5424 'hello oriel'",
        `curl -H 'DD-API-KEY: YOUR_KEY' -H 'Content-Type: application/json' ${window.location.origin}/api/v2/logs -d '[{"message":"hello oriel","service":"shell","status":"info"}]'`,
      ]}
    >
      Send one, or pick a client on the <Link to="/setup">set-up page</Link>:
    </Empty>
  ),
};

export function Logs() {
  return <Explorer page={PAGE} />;
}
