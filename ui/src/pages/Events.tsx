import { KeysView } from "../events/KeysView";
import { EVENT_COLUMN } from "../rows/columns";
import { Explorer, type ExplorerPage } from "../rows/Explorer";
import { Empty } from "../ui/States";

const PAGE: ExplorerPage = {
  signal: "events",
  title: "Events",
  tabs: [
    ["list", "Stream"],
    ["keys", "By key"],
    ["group", "Group by"],
    ["tail", "Live tail"],
  ],
  last: [EVENT_COLUMN],
  columns: ["status", "source", "service", "host"],
  extra: (tab, scope, onQuery) => tab === "keys" && <KeysView scope={scope} onQuery={onQuery} />,
  empty: (
    <Empty
      title="No event has come in yet"
      lines={[
        "printf '_e{15,13}:Deployed 1.2.3|by the build|#service:web' >/dev/udp/127.0.0.1/8125",
        `curl -H 'DD-API-KEY: YOUR_KEY' -H 'Content-Type: application/json' ${window.location.origin}/api/v1/events -d '{"title":"Deployed 1.2.3","text":"by the build","tags":["service:web"]}'`,
      ]}
    >
      Deployments, restarts and alerts show here, and as marks on every chart. Send one:
    </Empty>
  ),
};

export function Events() {
  return <Explorer page={PAGE} />;
}
