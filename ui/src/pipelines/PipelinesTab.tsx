import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { pipelines, useDeletePipeline, useOrderPipelines, useSavePipeline, type Pipeline } from "../api/pipelines";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { Switch } from "../ui/Switch";
import { toast } from "../ui/toast";
import { useParam } from "../ui/param";
import { Bench } from "./Bench";
import { PipelineEditor } from "./PipelineEditor";

const NEW = "new";
const SAMPLE = "oriel.sample";
const FRESH: Pipeline = { name: "New pipeline", is_enabled: true, filter: { query: "" }, processors: [] };
const complain = (error: unknown) => toast(error instanceof Error ? error.message : String(error), "bad");

export function PipelinesTab() {
  const answer = useQuery(pipelines);
  const [chosen, setChosen] = useParam("pipeline", false);
  const [draft, setDraft] = useState<Pipeline | null>(null);
  const [version, setVersion] = useState(0);
  const [sample, setSample] = useState(() => localStorage.getItem(SAMPLE) ?? "");
  const list = answer.data ?? [];
  const open = chosen === NEW ? FRESH : list.find(({ id }) => id === chosen);
  const tested = useDeferredValue(draft ?? open ?? null);
  const slow = useDeferredValue(sample);
  const choose = (id: string) => {
    setDraft(null);
    setChosen(id);
  };
  const keep = (text: string) => {
    setSample(text);
    localStorage.setItem(SAMPLE, text);
  };
  if (answer.isPending) return <SkeletonRows />;
  if (answer.isError)
    return <Failed error={answer.error} retry={() => void answer.refetch()} what="The pipelines cannot be read" />;
  return (
    <div className="pipelines">
      <div className="pipeline-list">
        <div className="pipeline-list-head">
          <h2 className="grow">In this order</h2>
          <Button icon="plus" onClick={() => choose(NEW)}>
            Pipeline
          </Button>
        </div>
        <List list={list} chosen={chosen} onChoose={choose} />
      </div>
      {open ? (
        <PipelineEditor
          key={`${chosen} ${version}`}
          pipeline={open}
          sample={slow}
          onDraft={setDraft}
          onSaved={(saved) => (setVersion(version + 1), choose(saved.id ?? ""))}
          onDiscard={() => (setVersion(version + 1), setDraft(null), chosen === NEW && choose(""))}
        />
      ) : (
        <section className="pipeline-editor">
          {list.length > 0 ? (
            <p className="dim">Choose a pipeline to edit it. The bench shows what all of them together do to a log.</p>
          ) : (
            <Empty title="No pipeline yet">
              <p>
                Logs are kept as they come. A pipeline takes them apart, renames what differs from sender to sender, and
                finds their time, status and trace.
              </p>
              <p className="actions center">
                <Button icon="plus" tone="primary" onClick={() => choose(NEW)}>
                  New pipeline
                </Button>
              </p>
            </Empty>
          )}
        </section>
      )}
      <Bench pipeline={open ? tested : null} sample={sample} onSample={keep} />
    </div>
  );
}

function List({ list, chosen, onChoose }: { list: Pipeline[]; chosen: string; onChoose: (id: string) => void }) {
  const save = useSavePipeline();
  const order = useOrderPipelines();
  const remove = useDeletePipeline();
  const [doomed, setDoomed] = useState<Pipeline | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const move = (from: number, to: number) => {
    const ids = list.map(({ id }) => id ?? "");
    ids.splice(to, 0, ...ids.splice(from, 1));
    order.mutate(ids, { onError: complain });
  };
  return (
    <>
      <ol aria-label="Pipelines">
        {list.map((pipeline, index) => (
          <li
            key={pipeline.id}
            className={pipeline.id === chosen ? "pipeline-item on" : "pipeline-item"}
            draggable
            onDragStart={() => setDragged(index)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={() => dragged !== null && dragged !== index && move(dragged, index)}
          >
            <Switch
              checked={pipeline.is_enabled}
              label={`${pipeline.name} is on`}
              onChange={(is_enabled) => save.mutate({ ...pipeline, is_enabled }, { onError: complain })}
            />
            <button type="button" className="pipeline-name" onClick={() => onChoose(pipeline.id ?? "")}>
              <b className="cut">{pipeline.name}</b>
              <span className="dim mono cut">{pipeline.filter.query || "every log"}</span>
            </button>
            <span className="dim num" title="Processors">
              {pipeline.processors.length}
            </span>
            <span className="pipeline-moves">
              <IconButton
                icon="up"
                label={`${pipeline.name} earlier`}
                disabled={index === 0}
                onClick={() => move(index, index - 1)}
              />
              <IconButton
                icon="down"
                label={`${pipeline.name} later`}
                disabled={index === list.length - 1}
                onClick={() => move(index, index + 1)}
              />
              <IconButton icon="trash" label={`Delete ${pipeline.name}`} onClick={() => setDoomed(pipeline)} />
            </span>
          </li>
        ))}
      </ol>
      <Confirm
        open={doomed !== null}
        title="Delete the pipeline"
        text={`“${doomed?.name ?? ""}” no longer works on what comes in. What it did to logs that are kept stays.`}
        action="Delete"
        busy={remove.isPending}
        onConfirm={() =>
          doomed?.id &&
          remove.mutate(doomed.id, { onSuccess: () => (setDoomed(null), onChoose("")), onError: complain })
        }
        onClose={() => setDoomed(null)}
      />
    </>
  );
}
