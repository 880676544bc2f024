import { Link } from "react-router";
import type { MonitorPicture, Muted, ParsedRule, Status } from "../api/monitorModel";
import { useGraph, useMute, useUnmute } from "../api/monitors";
import { useNotice, useWhy } from "../api/notices";
import { stamp, timeOfDay } from "../format/clock";
import { formatValue } from "../format/units";
import { usePageRange } from "../time/page";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { Icon } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import { toast } from "../ui/toast";
import { BeforePane } from "./BeforePane";
import { MonitorChart } from "./MonitorChart";
import { MUTES, untilOf, type MuteChoice } from "./mute";
import { groupText } from "./status";
import { StatusMark } from "./StatusMark";
import { whyLink } from "./links";
import { Steps } from "./Steps";

interface Props {
  id: string;
  atMs: number;
  group: string;
  notice: string;
  muted: Muted | null;
  parsed: ParsedRule | null;
  /** The link was the mail's "Mute for an hour": one more click, so that nothing that follows links mutes. */
  asked: boolean;
  onAsked: () => void;
  onClose: () => void;
}

const NO_PICTURE: MonitorPicture = { results: [], raw: [], states: [], caption: "", compared: false };

/** An outlier is one beside others: alone it would say nothing. */
const chartGroup = (parsed: ParsedRule | null, group: string) => (parsed?.time_aggregation === "outliers" ? "" : group);

/**
 * What somebody sees who follows the link of a notice at night, on one screen: the chart as it was, why it fired, what
 * differs from the time before, and the mute.
 */
export function FiredPane({ id, atMs, group, notice: key, muted, parsed, asked, onAsked, onClose }: Props) {
  const { span } = usePageRange();
  const notice = useNotice(key);
  const why = useWhy(id, atMs, group);
  const graph = useGraph(id, span.fromMs, span.toMs, chartGroup(parsed, group), atMs);
  const change = notice.data?.notice.transition ?? why.data?.recorded ?? null;
  const status: Status = change?.to ?? why.data?.status_after ?? "Alert";
  const unit = graph.data?.results[0]?.series[0]?.unit ?? null;
  const value = change?.value ?? why.data?.value ?? null;
  const measured = why.data && { fromMs: why.data.window.from_ms, toMs: why.data.window.to_ms };
  return (
    <section className="fired" aria-label="What the notice is about">
      <header className="fired-head">
        <StatusMark status={status} large />
        <div className="grow">
          <h2 className="cut">
            {groupText(group) === "all" ? "All of it" : groupText(group)}
            {why.data?.comparison ? (
              <span className="fired-value">{why.data.comparison}</span>
            ) : (
              value !== null && <span className="fired-value">{formatValue(value, unit)}</span>
            )}
          </h2>
          <p className="dim">{`at ${stamp(atMs)}${change ? `, was ${change.from}` : ""}`}</p>
        </div>
        <MuteButtons id={id} group={group} muted={muted} asked={asked} onAsked={onAsked} />
        <Link className="button" to={whyLink(id, atMs, group)}>
          <Icon name="help" /> Minute by minute
        </Link>
        <IconButton icon="close" label="Close: the monitor as it is now" onClick={onClose} />
      </header>
      <div className="fired-columns">
        <div className="fired-chart" role="group" aria-label="The chart as it was">
          <MonitorChart
            title={`The chart as it was, ${groupText(group)}`}
            picture={graph.isError ? NO_PICTURE : graph.data}
            busy={graph.isFetching}
            span={span}
            thresholds={graph.data?.thresholds ?? {}}
            comparator={graph.data?.comparator ?? ">"}
            transitions={change ? [{ ...change, notice_key: null, muted: null }] : undefined}
            window={measured || undefined}
          />
        </div>
        <div className="fired-why">
          <h3>Why it fired</h3>
          <Steps answer={why} />
        </div>
      </div>
      <BeforePane answer={notice} hasNotice={key !== ""} group={group} atMs={atMs} />
    </section>
  );
}

/** The one click of the night: an hour for the group that is told of; more is in the menu. */
function MuteButtons({
  id,
  group,
  muted,
  asked,
  onAsked,
}: Pick<Props, "id" | "group" | "muted" | "asked" | "onAsked">) {
  const mute = useMute();
  const unmute = useUnmute();
  const alone = group !== "" && group !== "*";
  const run = (choice: MuteChoice, scope: string | undefined) =>
    mute.mutate(
      { id, scope, untilMs: untilOf(choice) },
      {
        onSuccess: () => toast(`Muted: ${choice.label.toLowerCase()}`),
        onError: ({ message }) => toast(message, "bad"),
      },
    );
  const end = muted?.until_ms ?? (mute.isSuccess ? mute.variables.untilMs : undefined);
  if (muted || mute.isSuccess)
    return (
      <span className="fired-muted" role="status">
        <Icon name="mute" /> {end ? `Muted until ${timeOfDay(end, false)}` : "Muted until somebody unmutes it"}
        <Button
          tone="quiet"
          busy={unmute.isPending}
          onClick={() =>
            unmute.mutate(
              { id, scope: mute.variables?.scope },
              { onSuccess: () => mute.reset(), onError: ({ message }) => toast(message, "bad") },
            )
          }
        >
          Unmute
        </Button>
      </span>
    );
  return (
    <span className="fired-mute">
      {asked && (
        <Confirm
          open
          title={`Mute ${groupText(group)} for an hour?`}
          text="Nobody is told of its changes until then; states go on, and are shown here."
          action="Mute for an hour"
          onClose={onAsked}
          onConfirm={() => (onAsked(), run(MUTES[0], alone ? group : undefined))}
        />
      )}
      <Button tone="primary" icon="mute" busy={mute.isPending} onClick={() => run(MUTES[0], alone ? group : undefined)}>
        Mute for an hour
      </Button>
      <Menu
        trigger={
          <Button icon="down" tone="primary" className="icon-only" aria-label="Mute for longer, or all groups" />
        }
        items={[
          ...(alone
            ? MUTES.slice(1).map((each) => ({ label: `This group: ${each.label}`, onSelect: () => run(each, group) }))
            : []),
          ...(alone ? [null] : []),
          ...MUTES.map((each) => ({ label: `All groups: ${each.label}`, onSelect: () => run(each, undefined) })),
        ]}
      />
    </span>
  );
}
