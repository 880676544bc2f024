import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { bench, useSavePipeline, type Pipeline } from "../api/pipelines";
import { SearchInput } from "../rows/SearchInput";
import { Button } from "../ui/Button";
import { toast } from "../ui/toast";
import { aligned } from "./align";
import { Processors } from "./Processors";

interface Props {
  pipeline: Pipeline;
  sample: string;
  onSaved: (pipeline: Pipeline) => void;
  onDraft: (pipeline: Pipeline) => void;
  onDiscard: () => void;
}

/** A draft of one pipeline: the bench follows it while it is written; Save puts it to work. */
export function PipelineEditor({ pipeline, sample, onSaved, onDraft, onDiscard }: Props) {
  const [draft, setDraft] = useState(pipeline);
  const [json, setJson] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const save = useSavePipeline();
  const tested = useDeferredValue(draft);
  const { data } = useQuery(bench(tested, sample));
  const steps = sample.trim() === "" || !data ? [] : aligned(draft.processors, data.steps);
  const dirty = JSON.stringify(draft) !== JSON.stringify(pipeline) || pipeline.id === undefined;
  const change = (next: Pipeline) => {
    setDraft(next);
    onDraft(next);
  };
  const typeJson = (text: string) => {
    setJson(text);
    try {
      const next = JSON.parse(text) as Pipeline;
      if (!Array.isArray(next.processors)) throw new Error('"processors" is a list');
      setFault(null);
      change({ ...next, id: draft.id });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  const store = () =>
    save.mutate(draft, {
      onSuccess: (saved) => {
        toast("Pipeline saved: it works on what comes in from now on");
        onSaved(saved as Pipeline);
      },
    });
  const { id: _id, ...shown } = draft;
  return (
    <section className="pipeline-editor" aria-label={`Pipeline ${draft.name}`}>
      <div className="pipeline-editor-head">
        <input
          className="input grow"
          aria-label="Name of the pipeline"
          value={draft.name}
          autoFocus={pipeline.id === undefined}
          onChange={(event) => change({ ...draft, name: event.target.value })}
        />
        <Button
          tone="quiet"
          icon="code"
          aria-pressed={json !== null}
          onClick={() => (setJson(json === null ? JSON.stringify(shown, null, 2) : null), setFault(null))}
        >
          {json === null ? "JSON" : "Form"}
        </Button>
        <Button disabled={!dirty} onClick={onDiscard}>
          Discard
        </Button>
        <Button tone="primary" disabled={!dirty || fault !== null} busy={save.isPending} onClick={store}>
          Save
        </Button>
      </div>
      {(save.isError || fault) && (
        <p className="form-error" role="alert">
          {fault ?? save.error?.message}
        </p>
      )}
      {json !== null ? (
        <textarea
          className="input pipeline-json"
          aria-label="The pipeline as JSON"
          spellCheck={false}
          value={json}
          onChange={(event) => typeJson(event.target.value)}
        />
      ) : (
        <>
          <div className="field">
            <span>For logs that match</span>
            <SearchInput
              signal="logs"
              label="Filter of the pipeline"
              hint="Every log; or source:nginx, service:(web OR api) …"
              value={draft.filter.query === "*" ? "" : draft.filter.query}
              hotkey={false}
              onSubmit={(query) => change({ ...draft, filter: { query } })}
              onDraft={(query) => change({ ...draft, filter: { query } })}
            />
          </div>
          <h3>Processors, in their order</h3>
          <Processors
            list={draft.processors}
            steps={steps}
            onChange={(processors) => change({ ...draft, processors })}
          />
        </>
      )}
    </section>
  );
}
