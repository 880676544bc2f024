import { useQuery } from "@tanstack/react-query";
import { checks } from "../../api/checks";
import type { CheckStatus } from "../../api/hosts";
import { ChartFailed } from "../../chart/ChartStates";
import { SkeletonChart } from "../../ui/States";
import { text } from "../alertWidgets";
import { CHECK_STATUSES, groupsOf, matching, type CheckGroup } from "../checkGroups";
import { useBoard } from "../context";
import type { Definition } from "../model";

const TONES: Record<CheckStatus, string> = { ok: "ok", warning: "warn", critical: "bad", unknown: "none" };
const GROUPS_MAX = 200;

const list = (value: unknown) => (Array.isArray(value) ? value.filter((each) => typeof each === "string") : []);

/** A check's latest states: of all it runs for as a number a state, or of each group. */
export function CheckStatusWidget({ definition }: { definition: Definition }) {
  const { fill } = useBoard();
  const name = text(definition.check);
  const answer = useQuery(checks(name));
  const { data } = answer;
  if (name === "") return <p className="chart-state dim">No check is named.</p>;
  if (answer.isError && !data) return <ChartFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (!data) return <SkeletonChart />;
  // A single check is named by the tags of its `group`: `host:web-1,env:prod`.
  const one = definition.grouping === "check" ? text(definition.group).split(",") : [];
  const wanted = [...list(definition.tags), ...one].flatMap((tag) => fill(tag.trim()).split(/[\s,]+/));
  const groups = groupsOf(
    matching(data.checks, wanted),
    definition.grouping === "check" ? [] : list(definition.group_by),
  );
  if (groups.length === 0) return <p className="chart-state dim">The check has not reported a state.</p>;
  if (definition.grouping === "check") return <One group={groups[0]} />;
  return groups.length === 1 && groups[0].name === "" ? <Totals group={groups[0]} /> : <Groups groups={groups} />;
}

function One({ group }: { group: CheckGroup }) {
  return (
    <div className={`check-one ${TONES[group.worst]}`}>
      <b>{group.worst.toUpperCase()}</b>
    </div>
  );
}

function Totals({ group }: { group: CheckGroup }) {
  return (
    <ul className="status-counts">
      {CHECK_STATUSES.filter((status) => group.counts[status] > 0).map((status) => (
        <li key={status} className={`status-count ${TONES[status]}`}>
          <span className="status-cell">
            <b>{group.counts[status]}</b>
            <span>{status}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Groups({ groups }: { groups: CheckGroup[] }) {
  return (
    <ul className="check-groups">
      {groups.slice(0, GROUPS_MAX).map((group) => (
        <li key={group.name} className={TONES[group.worst]} title={`${group.name}: ${group.worst}`}>
          <span className="cut">{group.name}</span>
          <b>{group.worst}</b>
        </li>
      ))}
    </ul>
  );
}
