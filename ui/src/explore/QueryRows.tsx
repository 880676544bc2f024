import { useState, type ReactNode } from "react";
import type { QueryProblem } from "../api/query";
import { QueryInput } from "../editor/QueryInput";
import { Button, IconButton } from "../ui/Button";
import { nameOf, QUERIES_MAX, type View } from "./view";

interface Props {
  view: View;
  problems: Record<string, QueryProblem>;
  onChange: (view: View) => void;
  children: ReactNode;
}

/** The lines are drafts of the URL's: Enter, or leaving the field, runs them. */
export function QueryRows({ view, problems, onChange, children }: Props) {
  const [queries, setQueries] = useState(view.queries.length > 0 ? view.queries : [""]);
  const [formulas, setFormulas] = useState(view.formulas);
  const draft: View = { ...view, queries, formulas };
  const run = () => {
    const changed = JSON.stringify([draft.queries, draft.formulas]) !== JSON.stringify([view.queries, view.formulas]);
    if (changed) onChange(draft);
  };
  const removeQuery = (index: number) =>
    onChange({ ...draft, queries: queries.filter((_, at) => at !== index), hidden: [] });
  const hide = (name: string) =>
    onChange({
      ...draft,
      hidden: view.hidden.includes(name) ? view.hidden.filter((each) => each !== name) : [...view.hidden, name],
    });
  return (
    <div className="query-rows" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && run()}>
      {queries.map((query, index) => {
        const name = nameOf(index);
        const problem = query === view.queries[index] ? problems[name] : undefined;
        return (
          <div key={index}>
            <div className="query-row">
              <span className="query-name" aria-hidden="true">
                {name}
              </span>
              <QueryInput
                label={`Query ${name}`}
                value={query}
                problem={problem}
                autoFocus={queries.length === 1 && query === ""}
                onChange={(text) => setQueries((all) => all.map((old, at) => (at === index ? text : old)))}
                onSubmit={run}
              />
              {view.formulas.length > 0 && (
                <IconButton
                  icon="eye"
                  label={view.hidden.includes(name) ? `Show ${name}` : `Hide ${name}`}
                  aria-pressed={!view.hidden.includes(name)}
                  className={view.hidden.includes(name) ? "" : "on"}
                  onClick={() => hide(name)}
                />
              )}
              {queries.length > 1 && (
                <IconButton icon="trash" label={`Remove query ${name}`} onClick={() => removeQuery(index)} />
              )}
            </div>
            {problem && <Problem problem={problem} />}
          </div>
        );
      })}
      {formulas.map((formula, index) => (
        <div key={`f${index}`}>
          <div className="query-row">
            <span className="query-name" aria-hidden="true">
              =
            </span>
            <input
              className="input grow"
              aria-label={`Formula ${index + 1}`}
              placeholder="a / b * 100"
              spellCheck={false}
              autoFocus={formula === ""}
              value={formula}
              onChange={(event) => setFormulas(formulas.map((old, at) => (at === index ? event.target.value : old)))}
              onKeyDown={(event) => event.key === "Enter" && run()}
            />
            <IconButton
              icon="trash"
              label={`Remove formula ${index + 1}`}
              onClick={() => onChange({ ...draft, formulas: formulas.filter((_, at) => at !== index), hidden: [] })}
            />
          </div>
          {problems[`f${index}`] && formula === view.formulas[index] && <Problem problem={problems[`f${index}`]} />}
        </div>
      ))}
      <div className="query-tools">
        <Button
          icon="plus"
          tone="quiet"
          disabled={queries.length >= QUERIES_MAX}
          onClick={() => setQueries([...queries, ""])}
        >
          Query
        </Button>
        <Button icon="plus" tone="quiet" onClick={() => setFormulas([...formulas, ""])}>
          Formula
        </Button>
        <span className="grow" />
        {children}
      </div>
    </div>
  );
}

function Problem({ problem }: { problem: QueryProblem }) {
  return (
    <p className="query-error" role="alert">
      {problem.message}
      {problem.expected.length > 0 && <span className="dim"> · expected {problem.expected.join(", ")}</span>}
    </p>
  );
}
