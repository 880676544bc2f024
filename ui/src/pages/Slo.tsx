import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { slo, TIMEFRAMES, useDeleteSlo, type SloDetail, type SloWindow, type Timeframe } from "../api/slos";
import { AddBurn } from "../slo/AddBurn";
import { BurnDown } from "../slo/BurnDown";
import { Corrections } from "../slo/Corrections";
import { TIMEFRAME_TEXT } from "../slo/figures";
import { Asked, Groups } from "../slo/Lists";
import { SloBadge } from "../slo/Parts";
import { WindowCards } from "../slo/Windows";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";

/** One objective: where it stands in each window, how the budget went, and what counts. */
export function SloPage() {
  const { id = "" } = useParams();
  const [timeframe, setTimeframe] = useParam("timeframe", false);
  const answer = useQuery(slo(id, timeframe || undefined));
  const { data } = answer;
  if (!data)
    return (
      <>
        <PageHead title="Objective" />
        <div className="page-body">
          {answer.isError ? (
            <Failed error={answer.error} retry={() => void answer.refetch()} what="The objective cannot be read" />
          ) : (
            <SkeletonRows />
          )}
        </div>
      </>
    );
  const shown = (TIMEFRAMES as string[]).includes(timeframe)
    ? (timeframe as Timeframe)
    : (data.windows[0]?.timeframe ?? "30d");
  return (
    <>
      <Head id={id} detail={data} />
      <div className="page-body slo-page">
        {data.slo.description && <p className="slo-description">{data.slo.description}</p>}
        <WindowCards windows={data.windows.filter(hasTarget(data))} />
        <BurnDown
          history={data.history}
          window={data.windows.find((each) => each.timeframe === shown) ?? null}
          aside={
            <div className="segments" role="group" aria-label="Time frame of the chart">
              {TIMEFRAMES.map((each) => (
                <button key={each} type="button" aria-pressed={shown === each} onClick={() => setTimeframe(each)}>
                  {TIMEFRAME_TEXT[each]}
                </button>
              ))}
            </div>
          }
        />
        <div className="slo-columns">
          <Asked slo={data.slo} />
          <Corrections sloId={id} corrections={data.corrections} />
        </div>
        {data.groups.length > 0 && <Groups detail={data} />}
      </div>
    </>
  );
}

/** The chart can be of a window that has no target of its own; cards are of those that have. */
const hasTarget = ({ slo: document }: SloDetail) => {
  const named = document.thresholds.map(({ timeframe }) => timeframe);
  return ({ timeframe }: SloWindow) => named.includes(timeframe);
};

function Head({ id, detail }: { id: string; detail: SloDetail }) {
  const navigate = useNavigate();
  const remove = useDeleteSlo();
  const [doomed, setDoomed] = useState(false);
  const [burning, setBurning] = useState(false);
  const { slo: document, windows } = detail;
  return (
    <>
      <PageHead
        title={document.name}
        aside={
          <>
            {windows[0] && <SloBadge status={windows[0].status} />}
            <span className="tags">
              {(document.tags ?? []).map((tag) => (
                <span key={tag} className="tag">
                  {tag}
                </span>
              ))}
            </span>
          </>
        }
      >
        <Link to="/slos" className="button quiet">
          All objectives
        </Link>
        <Button icon="monitors" onClick={() => setBurning(true)}>
          Add burn-rate monitors
        </Button>
        <Link to={`/slos/${encodeURIComponent(id)}/edit`} className="button">
          <Icon name="edit" />
          Edit
        </Link>
        <IconButton icon="trash" label="Delete this objective" onClick={() => setDoomed(true)} />
      </PageHead>
      {burning && <AddBurn slo={{ ...document, id }} onClose={() => setBurning(false)} />}
      <Confirm
        open={doomed}
        title={`Delete “${document.name}”?`}
        text="The objective and its corrections go; the data that it counts stays."
        action="Delete"
        busy={remove.isPending}
        onClose={() => setDoomed(false)}
        onConfirm={() =>
          remove.mutate(id, {
            onSuccess: () => (toast("Deleted"), void navigate("/slos")),
            onError: (error) => (toast(error.message, "bad"), setDoomed(false)),
          })
        }
      />
    </>
  );
}
