import { useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { bench, type BenchAnswer, type Pipeline, type Step } from "../api/pipelines";
import { rowPage, type Json } from "../api/rows";
import { JsonTree } from "../rows/JsonTree";
import { plainRow, textOf } from "../rows/value";
import { StatusBadge } from "../rows/columns";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { Outcome } from "./Processors";

const SAMPLES = [
  '10.0.2.138 - ada [21/Nov/2026:00:03:31 +0000] "GET /cart?id=7 HTTP/1.1" 200 512',
  '{"message":"payment declined","level":"error","order":{"id":"4fe2a91"},"took":0.31,"user_agent":"Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0"}',
];

const DAY = 86_400_000;

interface Props {
  /** Null: every pipeline that is on, as a log would meet them. */
  pipeline: Pipeline | null;
  sample: string;
  onSample: (sample: string) => void;
}

/** One log on its way through: what each processor did to it, as one types. */
export function Bench({ pipeline, sample, onSample }: Props) {
  const answer = useQuery(bench(pipeline, sample));
  const { nowMs } = usePageRange();
  const [taking, setTaking] = useState(false);
  const take = () => {
    setTaking(true);
    const query = pipeline?.filter.query ?? "";
    rowPage({ signal: "logs", query, fromMs: nowMs - DAY, toMs: nowMs }, "-timestamp", 1)
      .then(({ rows: [row], error }) => {
        if (error) toast(error.message, "bad");
        else if (!row) toast("No log of the past day matches the filter", "bad");
        else
          onSample(
            row.attributes
              ? JSON.stringify({ message: row.message, service: row.service, ...row.attributes })
              : (row.message ?? ""),
          );
      })
      .catch((error: unknown) => toast(error instanceof Error ? error.message : String(error), "bad"))
      .finally(() => setTaking(false));
  };
  return (
    <aside className="bench" aria-label="Test bench">
      <div className="bench-head">
        <h2 className="grow">Test bench</h2>
        <Button tone="quiet" icon="logs" busy={taking} onClick={take}>
          Newest log
        </Button>
      </div>
      <textarea
        className="input"
        rows={5}
        aria-label="Sample: a line, or a log as JSON"
        placeholder="Paste a line, or a log as JSON"
        spellCheck={false}
        value={sample}
        onChange={(event) => onSample(event.target.value)}
      />
      {sample.trim() === "" && (
        <p className="dim">
          Paste a log to see what each processor does to it, or take{" "}
          {SAMPLES.map((text, index) => (
            <Fragment key={text}>
              {index > 0 && " or "}
              <button type="button" className="link" onClick={() => onSample(text)}>
                {index === 0 ? "an access line" : "a JSON log"}
              </button>
            </Fragment>
          ))}
          .
        </p>
      )}
      {sample.trim() !== "" && answer.isPending && <SkeletonRows rows={4} />}
      {answer.isError && (
        <p className="form-error" role="alert">
          {answer.error.message}
        </p>
      )}
      {sample.trim() !== "" && answer.data && <Found answer={answer.data} />}
    </aside>
  );
}

function Found({ answer }: { answer: BenchAnswer }) {
  const { row, steps, scrubbed } = answer;
  const { attributes = {}, tags = {} } = row;
  return (
    <>
      <ol className="bench-steps" aria-label="Steps">
        {scrubbed && (
          <li>
            <span className="badge warn">scrubbed</span> Sensitive data was taken out before the first step.
          </li>
        )}
        {steps.map((step, index) => (
          <StepRow key={index} step={step} />
        ))}
        {steps.length === 0 && <li className="dim">No pipeline is on: the log is kept as it came.</li>}
      </ol>
      <h3>The log that is kept</h3>
      <div className="bench-row">
        {row.status && <StatusBadge status={row.status} />} <b>{row.service}</b>{" "}
        <span className="dim mono">{String((plainRow(row) as { timestamp: string }).timestamp)}</span>
      </div>
      <pre className="row-message">{row.message}</pre>
      <JsonTree value={attributes} prefix="@" />
      {Object.keys(tags).length > 0 && <JsonTree value={tags as Record<string, Json>} prefix="" />}
    </>
  );
}

function StepRow({ step }: { step: Step }) {
  return (
    <li className={step.applied ? "bench-step" : "bench-step off"}>
      <div className="bench-step-head">
        <b className="cut">{step.name || step.processor}</b>
        <span className="dim cut grow">{step.processor === "filter" ? "pipeline’s filter" : step.processor}</span>
        {step.processor === "filter" ? (
          <span className={step.applied ? "badge ok" : "badge"}>{step.applied ? "takes it" : "leaves it"}</span>
        ) : (
          <Outcome step={step} />
        )}
      </div>
      {step.error && <p className="dim">{step.error}</p>}
      {step.changed.length > 0 && (
        <dl className="changes">
          {step.changed.map(({ field, before, after }) => (
            <div key={field}>
              <dt className="mono">{field}</dt>
              <dd className="mono">
                {before !== null && <del>{textOf(before)}</del>}
                {before !== null && after !== null && " "}
                {after !== null && <ins>{textOf(after)}</ins>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
