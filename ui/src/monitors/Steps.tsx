import type { UseQueryResult } from "@tanstack/react-query";
import type { Why } from "../api/notices";
import { Failed, SkeletonRows } from "../ui/States";

/** The state machine's steps in words: what was looked at, and what came of it. */
export function Steps({ answer }: { answer: UseQueryResult<Why> }) {
  const { data } = answer;
  if (answer.isPending) return <SkeletonRows rows={5} />;
  if (answer.isError && !data)
    return (
      <Failed error={answer.error} retry={() => void answer.refetch()} what="This minute cannot be evaluated again" />
    );
  if (!data) return null;
  return (
    <>
      <ol className="why-steps" data-loading={answer.isFetching || undefined}>
        {data.steps.map(({ rule, text, outcome }, index) => (
          <li key={`${rule}${index}`}>
            <span className="why-rule">{rule}</span>
            <span className="grow">{text}</span>
            <b>{outcome}</b>
          </li>
        ))}
      </ol>
      <p className={data.agrees ? "why-agrees" : "why-agrees bad"}>
        {data.agrees
          ? data.recorded
            ? "Evaluated again from what is stored: it agrees with what was recorded."
            : "Evaluated again from what is stored: no change was recorded, and none is due."
          : "Evaluated again from what is stored, it comes out differently: data came late, was deleted, or the monitor was changed since."}
      </p>
    </>
  );
}
