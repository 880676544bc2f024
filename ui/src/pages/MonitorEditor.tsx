import { useState } from "react";
import { Link, Navigate, useNavigate, useParams, useSearchParams } from "react-router";
import { useMessage, usePreview } from "../api/monitorDraft";
import type { Monitor } from "../api/monitorModel";
import { useDocument, useSaveMonitor } from "../api/monitors";
import { ConditionForm } from "../monitors/ConditionForm";
import { DetailsForm } from "../monitors/DetailsForm";
import { dropDraft, editorWith, EMPTY } from "../monitors/draft";
import { problemsOf, withForm } from "../monitors/edit";
import { STARTS } from "../monitors/form";
import { JsonPart } from "../monitors/JsonPart";
import { KindCards } from "../monitors/KindCards";
import { MessageForm } from "../monitors/MessageForm";
import { OptionsForm } from "../monitors/OptionsForm";
import { prefilled } from "../monitors/prefill";
import { PreviewPane, type PreviewTab } from "../monitors/PreviewPane";
import { QueryForm } from "../monitors/QueryForm";
import { askedSpan } from "../monitors/thresholds";
import { useEditor } from "../monitors/useEditor";
import { Verdict } from "../monitors/Verdict";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { useRested } from "../ui/rested";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";

const REST_MS = 350;
const BLANK = withForm(EMPTY, STARTS.threshold);
/** The time line of the preview is a question of its own only every so often. */
const PREVIEW_STEP_MS = 30_000;

/** A new monitor, or one that is changed; the tab keeps the draft under the address until it is saved. */
export function MonitorEditor() {
  const { id = null } = useParams();
  const [params] = useSearchParams();
  const stored = useDocument(id ?? "", id !== null);
  const key = id === null ? params.get("draft") : `edit-${id}`;
  // Each new monitor has a draft of its own in its address, so that back and forward find it again.
  if (key === null) return <NewDraft start={prefilled(params) ?? BLANK} />;
  if (id === null) return <Editor key={key} id={null} draftKey={key} stored={BLANK} />;
  if (stored.data) return <Editor key={key} id={id} draftKey={key} stored={stored.data} />;
  return (
    <>
      <PageHead title="Edit the monitor" />
      <div className="page-body">
        {stored.isPending && <SkeletonRows rows={12} />}
        {stored.isError && (
          <Failed error={stored.error} retry={() => void stored.refetch()} what="This monitor cannot be edited" />
        )}
      </div>
    </>
  );
}

function NewDraft({ start }: { start: Monitor }) {
  const [to] = useState(() => editorWith(start));
  return <Navigate to={to} replace />;
}

function Editor({ id, draftKey, stored }: { id: string | null; draftKey: string; stored: Monitor }) {
  const navigate = useNavigate();
  const { span } = usePageRange();
  const editor = useEditor(draftKey, stored);
  const save = useSaveMonitor();
  const [view, setView] = useParam("as");
  const [tab, setTab] = useState<PreviewTab>("now");
  const [transition, setTransition] = useState("alert");
  const { monitor, form } = editor;
  const rested = useRested(monitor, REST_MS);
  const ready = isReady(rested);
  const round = (ms: number) => Math.ceil(ms / PREVIEW_STEP_MS) * PREVIEW_STEP_MS;
  const [ahead, setAhead] = useState(0);
  const preview = usePreview(rested, round(span.fromMs), round(span.toMs) + ahead, ready);
  const wanted = askedSpan(span, preview.data?.parsed).toMs - span.toMs;
  if (wanted !== ahead) setAhead(wanted);
  const errors = ready ? (preview.data?.errors ?? []) : [];
  const groupBy = preview.data?.parsed?.group_by ?? [];
  const message = useMessage(
    rested,
    transition,
    preview.data?.groups[0]?.group ?? "",
    monitor.message !== "" || tab === "message",
  );
  const title = id === null ? "New monitor" : `Edit ${stored.name || "the monitor"}`;
  const store = () =>
    save.mutate(
      { id, body: { ...monitor, name: monitor.name.trim() || nameOf(monitor) } },
      {
        onSuccess: (saved) => {
          dropDraft(draftKey);
          toast(id === null ? "Saved: it is evaluated from now on" : "Saved");
          void navigate(`/monitors/${saved.id ?? id}`, { replace: true });
        },
      },
    );
  const parts = { editor };
  return (
    <>
      <PageHead title={title}>
        <Link className="button quiet" to={id === null ? "/monitors" : `/monitors/${id}`}>
          <Icon name="back" /> {id === null ? "Monitors" : "Back"}
        </Link>
        <Button icon="code" aria-pressed={view === "json"} onClick={() => setView(view === "json" ? "" : "json")}>
          {view === "json" ? "Form" : "JSON"}
        </Button>
        <TimePicker />
        <Button tone="primary" icon="check" busy={save.isPending} disabled={!isReady(monitor)} onClick={store}>
          Save
        </Button>
      </PageHead>
      <div className="page-body monitor-editor">
        <div className="editor-form">
          {editor.restored && editor.dirty && (
            <p className="restored" role="status">
              Changes that were not saved are back.
              <button type="button" className="link-button" onClick={editor.discard}>
                Discard them
              </button>
            </p>
          )}
          {save.isError && (
            <p className="form-error" role="alert">
              <Icon name="warn" size={13} /> {save.error.message}
            </p>
          )}
          <Verdict monitor={monitor} preview={ready ? preview.data : undefined} others={problemsOf(errors, "other")} />
          {view === "json" ? (
            <JsonPart monitor={monitor} onChange={editor.set} />
          ) : (
            <>
              <KindCards
                kind={form?.kind ?? null}
                type={monitor.type}
                startsOpen={id === null && !isReady(monitor)}
                onKind={editor.setKind}
              />
              <QueryForm {...parts} problems={problemsOf(errors, "query")} />
              <ConditionForm {...parts} problems={problemsOf(errors, "condition")} />
              <OptionsForm {...parts} groupBy={groupBy} problems={problemsOf(errors, "options")} />
              <MessageForm
                {...parts}
                groupBy={groupBy}
                preview={message.data}
                problems={problemsOf(errors, "message")}
                onFocus={() => setTab("message")}
              />
              <DetailsForm {...parts} problems={problemsOf(errors, "details")} />
            </>
          )}
        </div>
        <PreviewPane
          {...{ editor, ready, message, tab, transition }}
          answer={preview}
          onTab={setTab}
          onTransition={setTransition}
        />
      </div>
    </>
  );
}

/** A query without its middle (`avg(last_5m): > 0`) is not yet one to ask. */
function isReady({ query, type }: Monitor): boolean {
  if (query.trim() === "") return false;
  if (type === "metric alert" || type === "query alert") return !/:\s*[<>]/.test(query) && !/\(\s*,/.test(query);
  return !/^"?"?\.over|\(""\)\.over/.test(query);
}

/** A monitor needs a name; who gives none gets its query's. */
const nameOf = ({ query, type }: Monitor) => (query ? query.replace(/^\w+\([^)]*\):/, "").slice(0, 80) : type);
