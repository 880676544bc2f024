import type { UseQueryResult } from "@tanstack/react-query";
import type { MessagePreview } from "../api/monitorDraft";
import { Failed, SkeletonRows } from "../ui/States";
import { HtmlFrame } from "./HtmlFrame";
import { Handles } from "./MessageCard";

export const TRANSITIONS: [string, string][] = [
  ["alert", "Alert"],
  ["warning", "Warning"],
  ["recovery", "Recovery"],
  ["no_data", "No data"],
  ["renotify", "Renotify"],
];

interface Props {
  answer: UseQueryResult<MessagePreview>;
  transition: string;
  onTransition: (transition: string) => void;
}

/** The message as it will be told, for each change. */
export function MessagePane({ answer, transition, onTransition }: Props) {
  const { data } = answer;
  return (
    <div className="message-pane">
      <div className="segments" role="tablist" aria-label="On which change">
        {TRANSITIONS.map(([id, label]) => (
          <button key={id} type="button" role="tab" aria-selected={transition === id} onClick={() => onTransition(id)}>
            {label}
          </button>
        ))}
      </div>
      {answer.isPending && <SkeletonRows rows={4} />}
      {answer.isError && !data && <Failed error={answer.error} what="The message cannot be rendered" />}
      {data && (
        <div className="mail" data-loading={answer.isFetching || undefined}>
          <p className="mail-subject">{data.subject}</p>
          <HtmlFrame html={data.html} label="The rendered message" />
          <Handles handles={data.handles} />
        </div>
      )}
    </div>
  );
}
