import { useMemo, useState } from "react";
import { Link } from "react-router";
import { useCreateKey } from "../api/keys";
import { useMe } from "../api/session";
import { useSetup, type Setup as SetupInfo, type SetupClient } from "../api/setup";
import { agoText } from "../format/clock";
import { HostCharts } from "../host/HostCharts";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { CopyLine } from "../ui/Copy";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { Failed, SkeletonRows } from "../ui/States";

export function Setup() {
  const answer = useSetup();
  const me = useMe().data;
  const { data } = answer;
  const green = data?.clients.filter(({ seen_ms }) => seen_ms !== null).length ?? 0;
  return (
    <>
      <PageHead
        title="Set up"
        aside={
          data && green > 0 ? <span className="badge ok">{`${green} of ${data.clients.length} send data`}</span> : null
        }
      />
      <div className="page-body setup">
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="The set-up page cannot be shown" />
        )}
        {data && (
          <>
            <p className="setup-lead">
              Point a client here and its line turns green when the first data arrives. Nothing else has to be
              configured.
              {me && (
                <Link
                  className="button primary"
                  to={`/dashboard/system?tpl_var_host=${encodeURIComponent(me.hostname)}&range=15m`}
                >
                  <Icon name="dashboards" /> This host’s dashboard
                </Link>
              )}
            </p>
            <Clients setup={data} />
            {me && <ThisHost name={me.hostname} />}
          </>
        )}
      </div>
    </>
  );
}

const SPAN_MS = 15 * 60_000;
const SHOWN = ["CPU", "Memory", "Disk in use"];
const NO_EVENTS: never[] = [];

/** The agent in the server has measured since it started: who opens the first page sees something at once. */
function ThisHost({ name }: { name: string }) {
  const { nowMs } = usePageRange();
  const span = useMemo(() => ({ fromMs: nowMs - SPAN_MS, toMs: nowMs }), [nowMs]);
  return (
    <section className="setup-host" aria-label={`This host: ${name}`}>
      <h2>
        {name} <span className="dim">this host, the past 15 minutes</span>
      </h2>
      <HostCharts name={name} events={NO_EVENTS} only={SHOWN} span={span} />
    </section>
  );
}

function Clients({ setup }: { setup: SetupInfo }) {
  const [chosen, choose] = useParam("client");
  const [apiKey, setApiKey] = useState<string | null>(null);
  const [now] = useState(() => Date.now());
  // Picked once: a client that turns green under the reader's eyes stays where it is.
  const [first] = useState(() => setup.clients.find(({ seen_ms }) => seen_ms === null)?.id);
  const open = setup.clients.find(({ id }) => id === (chosen || first)) ?? setup.clients[0];
  if (!open) return null;
  return (
    <div className="setup-grid">
      <ul className="setup-list" aria-label="Clients">
        {setup.clients.map((client) => (
          <li key={client.id}>
            <button
              type="button"
              className={client === open ? "setup-client on" : "setup-client"}
              aria-pressed={client === open}
              data-client={client.id}
              data-seen={client.seen_ms !== null}
              onClick={() => choose(client.id)}
            >
              <span className={client.seen_ms === null ? "setup-light" : "setup-light green"}>
                {client.seen_ms !== null && <Icon name="check" size={13} />}
              </span>
              <span className="grow cut">{client.title}</span>
            </button>
          </li>
        ))}
      </ul>
      <ClientCard key={open.id} client={open} setup={setup} now={now} apiKey={apiKey} onKey={setApiKey} />
    </div>
  );
}

/** Keys are kept hashed, so lines come with this in a key's place. */
const KEY_PLACE = /YOUR_(API_)?KEY/g;

interface CardProps {
  client: SetupClient;
  setup: SetupInfo;
  now: number;
  apiKey: string | null;
  onKey: (key: string) => void;
}

function ClientCard({ client, setup, now, apiKey, onKey }: CardProps) {
  const create = useCreateKey();
  const seen = client.seen_ms !== null;
  const wantsKey = apiKey === null && client.lines.some(({ text }) => text.search(KEY_PLACE) >= 0);
  const make = () =>
    create.mutate({ name: `set-up: ${client.title}`, kind: "api" }, { onSuccess: ({ key }) => onKey(key) });
  return (
    <section className={seen ? "card setup-card green" : "card setup-card"} aria-label={client.title}>
      <div className="card-head">
        <h2 className="grow">{client.title}</h2>
        {wantsKey && (
          <Button icon="plus" busy={create.isPending} onClick={make}>
            Put a new API key in
          </Button>
        )}
      </div>
      {create.isError && (
        <p className="form-error" role="alert">
          {create.error.message}
        </p>
      )}
      {client.lines.map(({ label, text }) => (
        <div key={label} className="setup-line">
          <p className="dim">{label}</p>
          <CopyLine text={apiKey === null ? text : text.replace(KEY_PLACE, apiKey)} label={`Copy ${label}`} />
        </div>
      ))}
      <div className="setup-state" role="status">
        {seen ? (
          <>
            <span className="badge ok">
              <Icon name="check" size={13} /> Data has arrived
            </span>
            <span className="dim">{agoText(client.seen_ms, Math.max(now, client.seen_ms ?? 0))}</span>
            <Link className="button primary" to={client.see}>
              See it <Icon name="forward" />
            </Link>
          </>
        ) : (
          <>
            <span className="waiting" aria-hidden="true" />
            <span className="dim">Waiting for the first data …</span>
          </>
        )}
      </div>
      <p className="dim setup-foot">
        Server <code>{setup.base_url}</code> · DogStatsD <code>{setup.statsd_addr}</code>
        {setup.statsd_socket && (
          <>
            {" "}
            · socket <code>{setup.statsd_socket}</code>
          </>
        )}{" "}
        · API key <code>{setup.api_key_hint}</code> (<Link to="/settings">make another</Link>)
      </p>
    </section>
  );
}
