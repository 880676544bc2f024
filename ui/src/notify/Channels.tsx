import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { channels, useDeleteChannel, useTestChannel, type Channel } from "../api/channels";
import { useMonitors } from "../api/monitors";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { CopyButton } from "../ui/Copy";
import { Menu } from "../ui/Menu";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { ChannelDialog } from "./ChannelDialog";
import { handleOf, KIND_ORDER, KINDS } from "./kinds";
import { Outcome } from "./Outcome";

/** Where messages can go beside mailboxes. */
export function Channels() {
  const answer = useQuery(channels);
  const remove = useDeleteChannel();
  const [edited, setEdited] = useState<Channel | null>(null);
  const [doomed, setDoomed] = useState<Channel | null>(null);
  const all = answer.data?.channels ?? [];
  return (
    <section className="card" aria-label="Channels">
      <div className="card-head">
        <h2 className="grow">Channels</h2>
        <Menu
          trigger={
            <Button icon="plus" tone="primary" disabled={!answer.data}>
              Add a channel
            </Button>
          }
          items={KIND_ORDER.map((kind) => ({
            label: KINDS[kind].title,
            onSelect: () => setEdited({ kind, name: "", settings: {} }),
          }))}
        />
      </div>
      {answer.isPending && <SkeletonRows rows={3} />}
      {answer.isError && !answer.data && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="Channels cannot be listed" />
      )}
      {answer.data && all.length === 0 && (
        <p className="dim">
          None yet. A channel gets a handle, such as @slack-ops; a monitor whose message says the handle tells it.
        </p>
      )}
      {KIND_ORDER.map((kind) => {
        const some = all.filter((channel) => channel.kind === kind);
        if (some.length === 0) return null;
        return (
          <section key={kind} aria-label={KINDS[kind].title} className="channel-kind">
            <h3>{KINDS[kind].title}</h3>
            <ul className="channels">
              {some.map((channel) => (
                <Line
                  key={channel.id}
                  channel={channel}
                  onEdit={() => setEdited(channel)}
                  onRemove={() => setDoomed(channel)}
                />
              ))}
            </ul>
          </section>
        );
      })}
      {edited && (
        <ChannelDialog
          key={edited.id ?? edited.kind}
          channel={edited}
          fields={answer.data?.kinds.find(({ kind }) => kind === edited.kind)?.fields ?? []}
          onClose={() => setEdited(null)}
        />
      )}
      <Confirm
        open={doomed !== null}
        title={`Delete “${doomed?.name ?? ""}”?`}
        text="Monitors that name its handle go on, and their deliveries to it fail from now on."
        action="Delete"
        busy={remove.isPending}
        onClose={() => setDoomed(null)}
        onConfirm={() =>
          doomed?.id &&
          remove.mutate(doomed.id, {
            onSuccess: () => toast("Deleted"),
            onError: (error) => toast(error.message, "bad"),
            onSettled: () => setDoomed(null),
          })
        }
      />
    </section>
  );
}

function Line({ channel, onEdit, onRemove }: { channel: Channel; onEdit: () => void; onRemove: () => void }) {
  const test = useTestChannel();
  const handle = channel.handle ?? handleOf(channel.kind, channel.name);
  return (
    <li className="channel">
      <b className="cut">{channel.name}</b>
      <span className="channel-handle">
        <code>{handle}</code>
        <CopyButton text={handle} label={`Copy ${handle}`} />
      </span>
      <UsedBy handle={handle} />
      <Outcome data={test.data} error={test.error} />
      <span className="grow" />
      <Button busy={test.isPending} onClick={() => channel.id && test.mutate(channel.id)}>
        Test
      </Button>
      <IconButton icon="edit" label={`Edit ${channel.name}`} onClick={onEdit} />
      <IconButton icon="trash" label={`Delete ${channel.name}`} onClick={onRemove} />
    </li>
  );
}

/** Which monitors name it: a number that leads to them. */
function UsedBy({ handle }: { handle: string }) {
  const query = `notification:${handle.replace(/^@/, "")}`;
  const { data } = useMonitors({ query, sort: "name" });
  if (!data) return <span className="dim channel-used" />;
  if (data.total === 0) return <span className="dim channel-used">no monitor names it</span>;
  return (
    <Link className="channel-used" to={`/monitors?query=${encodeURIComponent(query)}`}>
      {data.total === 1 ? "1 monitor" : `${data.total} monitors`}
    </Link>
  );
}
