import type { UseQueryResult } from "@tanstack/react-query";
import type { MessagePreview, Preview } from "../api/monitorDraft";
import { formatValue } from "../format/units";
import { usePageRange } from "../time/page";
import { Failed } from "../ui/States";
import { MessagePane } from "./MessagePane";
import { MonitorChart } from "./MonitorChart";
import { groupText, severity } from "./status";
import { StatusMark } from "./StatusMark";
import { TryPane } from "./TryPane";
import type { Editor } from "./useEditor";

export type PreviewTab = "now" | "past" | "message";

const TABS: [PreviewTab, string][] = [
  ["now", "Groups now"],
  ["past", "Try on the past"],
  ["message", "Message"],
];

const GROUPS_SHOWN = 100;

interface Props {
  editor: Editor;
  answer: UseQueryResult<Preview>;
  /** Whether there is enough of a query to ask for. */
  ready: boolean;
  message: UseQueryResult<MessagePreview>;
  tab: PreviewTab;
  onTab: (tab: PreviewTab) => void;
  transition: string;
  onTransition: (transition: string) => void;
}

/** Beside the form: the chart with thresholds to drag, what the groups would be now, the past, and the message. */
export function PreviewPane({ editor, answer, ready, message, tab, onTab, transition, onTransition }: Props) {
  const { span, nowMs } = usePageRange();
  const { data } = answer;
  const { monitor, form } = editor;
  const thresholds = monitor.options.thresholds ?? {};
  const comparator = form && "comparator" in form ? form.comparator : (data?.parsed?.comparator ?? ">");
  return (
    <aside className="editor-preview-pane" aria-label="Preview">
      <section className="card preview-chart" aria-label="The query with its thresholds">
        {!ready && <p className="chart-state dim">The chart is drawn as soon as there is a query.</p>}
        {ready && answer.isError && !data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="There is no preview" />
        )}
        {ready && !(answer.isError && !data) && (
          <MonitorChart
            title={monitor.name || "The new monitor"}
            picture={data}
            busy={answer.isFetching}
            {...{ span, thresholds, comparator }}
            onThreshold={editor.setThreshold}
          />
        )}
      </section>
      <section className="card">
        <div className="segments preview-tabs" role="tablist" aria-label="Preview of">
          {TABS.map(([id, label]) => (
            <button key={id} type="button" role="tab" aria-selected={tab === id} onClick={() => onTab(id)}>
              {label}
            </button>
          ))}
        </div>
        {tab === "now" && <GroupsNow preview={ready ? data : undefined} />}
        <div hidden={tab !== "past"}>
          <TryPane
            monitor={monitor}
            nowMs={nowMs}
            onApply={({ critical, warning }) => {
              editor.setThreshold("critical", critical);
              editor.setThreshold("warning", warning);
            }}
          />
        </div>
        {tab === "message" && <MessagePane answer={message} transition={transition} onTransition={onTransition} />}
      </section>
    </aside>
  );
}

/** The status that each group would have at this minute. */
function GroupsNow({ preview }: { preview: Preview | undefined }) {
  if (!preview) return <p className="dim">What each group would be now is shown here.</p>;
  const { groups, groups_total, results } = preview;
  const unit = results[0]?.series[0]?.unit ?? null;
  if (groups.length === 0)
    return (
      <p className="dim">
        {preview.errors.length > 0
          ? "It can’t be evaluated yet."
          : "Nothing is measured now: no group has data in the window."}
      </p>
    );
  const sorted = [...groups].sort((a, b) => severity(b.status) - severity(a.status)).slice(0, GROUPS_SHOWN);
  return (
    <>
      <table className="table plain groups-now" aria-label="Groups now">
        <tbody>
          {sorted.map(({ group, value, status }) => (
            <tr key={group}>
              <td>
                <StatusMark status={status} />
              </td>
              <td className="mono">{groupText(group)}</td>
              <td className="num">{formatValue(value, unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {groups_total > sorted.length && <p className="dim hint">{`the worst ${sorted.length} of ${groups_total}`}</p>}
    </>
  );
}
