import { MetricsTab } from "../pipelines/MetricsTab";
import { PipelinesTab } from "../pipelines/PipelinesTab";
import { ScrubTab } from "../pipelines/ScrubTab";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";

const TABS = [
  ["", "Pipelines"],
  ["scrub", "Scrub rules"],
  ["metrics", "Metrics from rows"],
] as const;

/** What happens to rows before they are kept. */
export function Pipelines() {
  const [tab, setTab] = useParam("tab", false);
  return (
    <>
      <PageHead
        title="Log pipelines"
        aside={
          <div className="segments" role="group" aria-label="What to set up">
            {TABS.map(([id, label]) => (
              <button key={id} type="button" aria-pressed={tab === id} onClick={() => setTab(id)}>
                {label}
              </button>
            ))}
          </div>
        }
      />
      <div className={tab === "" ? "page-body fill flush" : "page-body"}>
        {tab === "" && <PipelinesTab />}
        {tab === "scrub" && <ScrubTab />}
        {tab === "metrics" && <MetricsTab />}
      </div>
    </>
  );
}
