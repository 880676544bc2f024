import { useEffect, useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { useDashboard, useSaveDashboard } from "../api/dashboards";
import { useEvents } from "../api/events";
import { useHotkeys } from "../app/hotkeys";
import { BoardDialogs, type Open } from "../dashboard/BoardDialogs";
import { BoardHead } from "../dashboard/BoardHead";
import { Board, widgetKey, type BoardContext } from "../dashboard/context";
import { duplicateWidget, moveWidgets, removeWidget } from "../dashboard/edit";
import { FillHint } from "../dashboard/FillHint";
import { Grid } from "../dashboard/Grid";
import { isFree } from "../dashboard/layout";
import type { Dashboard } from "../dashboard/model";
import { MoveContext } from "../dashboard/move";
import { useDraft } from "../dashboard/draft";
import { readChoice, substitute } from "../dashboard/variables";
import { Variables } from "../dashboard/Variables";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";

export function DashboardPage() {
  const { id = "" } = useParams();
  const answer = useDashboard(id);
  if (answer.isError) {
    return (
      <>
        <PageHead title="Dashboard" />
        <Failed error={answer.error} retry={() => void answer.refetch()} what="This dashboard cannot be shown" />
      </>
    );
  }
  if (!answer.data) {
    return (
      <>
        <PageHead title="Dashboard" />
        <SkeletonRows rows={12} />
      </>
    );
  }
  return <Loaded key={id} id={id} stored={answer.data} />;
}

function Loaded({ id, stored }: { id: string; stored: Dashboard }) {
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const { draft, setDraft, dirty, start, stop } = useDraft(stored, params.get("edit") === "1");
  const [open, setOpen] = useState<Open | null>(null);
  const [, setEdit] = useParam("edit");
  // Editing begins with the link of a new dashboard, and not again with each reload.
  useEffect(() => setEdit(""), [setEdit]);
  const save = useSaveDashboard();
  const dashboard = draft ?? stored;
  const editing = draft !== null;
  const showEvents = params.get("ev") !== "0";
  const { span } = usePageRange();
  const { data: events } = useEvents(span.fromMs, span.toMs, showEvents);
  const context = useContextOf(dashboard, editing, events, setDraft, setOpen, setParams);
  const move = useMemo(
    () => (group: number[], layouts: Parameters<typeof moveWidgets>[2]) =>
      setDraft((before) => before && moveWidgets(before, group, layouts)),
    [setDraft],
  );

  const leave = (next: Dashboard) => {
    stop();
    if (next.id && next.id !== id) void navigate(`/dashboard/${next.id}`);
  };
  const store = () =>
    save.mutate(
      { id, body: dashboard },
      {
        onSuccess: (saved) => (toast("Saved"), leave(saved)),
        onError: (error) => toast(error.message, "bad"),
      },
    );
  useHotkeys({ e: () => (stored.is_read_only ? setOpen({ kind: "copy" }) : start()) });
  const full = params.get("full");
  return (
    <Board value={context}>
      <MoveContext value={move}>
        <BoardHead
          dashboard={dashboard}
          state={{ editing, dirty, saving: save.isPending, showEvents }}
          onEdit={start}
          onSave={store}
          onCancel={stop}
          onOpen={setOpen}
          onTitle={(title) => setDraft((before) => before && { ...before, title })}
        />
        <div className={editing ? "page-body board editing" : "page-body board"}>
          <Variables variables={dashboard.template_variables ?? []} choice={readChoice(dashboard, params)} />
          <FillHint id={id} />
          {dashboard.widgets.length === 0 ? (
            <Empty title="No widgets yet">
              <p>Add a chart here, or save one from the explorer.</p>
              <Button tone="primary" icon="plus" onClick={() => (start(), setOpen({ kind: "add" }))}>
                Add a widget
              </Button>
            </Empty>
          ) : (
            <Grid widgets={dashboard.widgets} free={isFree(dashboard)} />
          )}
        </div>
        <BoardDialogs
          dashboard={dashboard}
          full={full}
          open={open}
          onOpen={setOpen}
          setDraft={setDraft}
          editing={editing}
          onStart={start}
        />
      </MoveContext>
    </Board>
  );
}

type SetParams = ReturnType<typeof useSearchParams>[1];
type SetDraft = ReturnType<typeof useDraft>["setDraft"];

function useContextOf(
  dashboard: Dashboard,
  editing: boolean,
  events: BoardContext["events"] | undefined,
  setDraft: SetDraft,
  setOpen: (open: Open) => void,
  setParams: SetParams,
): BoardContext {
  const [params] = useSearchParams();
  const variables = dashboard.template_variables;
  const choiceKey = JSON.stringify(readChoice(dashboard, params));
  const fill = useMemo(() => {
    const choice = JSON.parse(choiceKey) as Record<string, string[]>;
    return (query: string) => substitute(query, variables ?? [], choice);
  }, [variables, choiceKey]);
  return useMemo(
    () => ({
      fill,
      events: events ?? NO_EVENTS,
      editing,
      onEdit: (path) => setOpen({ kind: "edit", path }),
      onJson: (path) => setOpen({ kind: "json", path }),
      onDuplicate: (path) => setDraft((before) => before && duplicateWidget(before, path)),
      onDelete: (path) => setDraft((before) => before && removeWidget(before, path)),
      onFull: (path) =>
        setParams((current) => {
          const next = new URLSearchParams(current);
          next.set("full", widgetKey(path));
          return next;
        }),
    }),
    [fill, events, editing, setDraft, setOpen, setParams],
  );
}

const NO_EVENTS: BoardContext["events"] = [];
