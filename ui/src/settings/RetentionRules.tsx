import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { retention, RULES_MAX, useSaveRetention, type Retention, type RetentionRule } from "../api/retention";
import type { Signal } from "../api/rows";
import { SearchInput } from "../rows/SearchInput";
import { parseSpan, spanText } from "../time/range";
import { Button, IconButton } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { Sampling } from "./Sampling";

const DAY = 86_400_000;
const FRESH: RetentionRule = { name: "", signal: "logs", query: "", keep_ms: 7 * DAY };

/** How long rows are kept: by the server's flags, and by rules where some are worth more or less. */
export function RetentionRules() {
  const answer = useQuery(retention);
  if (answer.isPending) return <SkeletonRows rows={4} />;
  if (answer.isError)
    return <Failed error={answer.error} retry={() => void answer.refetch()} what="The retention cannot be read" />;
  return <Editor key={JSON.stringify(answer.data)} kept={answer.data} />;
}

function Editor({ kept }: { kept: Retention }) {
  const [rules, setRules] = useState(kept.rules);
  const [sampling, setSampling] = useState(kept.tail_sampling);
  const save = useSaveRetention();
  const draft = { rules, tail_sampling: sampling };
  const dirty = JSON.stringify(draft) !== JSON.stringify({ rules: kept.rules, tail_sampling: kept.tail_sampling });
  const nameless = rules.some(({ name }) => name.trim() === "");
  const set = (index: number, part: Partial<RetentionRule>) =>
    setRules(rules.map((old, at) => (at === index ? { ...old, ...part } : old)));
  const move = (index: number, by: number) => {
    const next = [...rules];
    next.splice(index + by, 0, ...next.splice(index, 1));
    setRules(next);
  };
  return (
    <section className="card" id="retention" aria-label="Retention of rows">
      <div className="card-head">
        <h2 className="grow">
          Retention of logs, spans and events <span className="dim">{defaultsText(kept.defaults)}</span>
        </h2>
        {dirty && (
          <>
            <Button
              onClick={() => {
                setRules(kept.rules);
                setSampling(kept.tail_sampling);
              }}
            >
              Discard
            </Button>
            <Button
              tone="primary"
              busy={save.isPending}
              disabled={nameless}
              onClick={() => save.mutate(draft, { onSuccess: () => toast("Retention saved") })}
            >
              Save
            </Button>
          </>
        )}
      </div>
      <p className="dim hint">
        The first rule that takes a row decides how long it is kept; rows that no rule takes are kept as long as the
        server’s flags say. A row’s class is settled when it is written.
      </p>
      {save.isError && (
        <p className="form-error" role="alert">
          {save.error.message}
        </p>
      )}
      <ol className="rules" aria-label="Retention rules">
        {rules.map((rule, index) => (
          <li key={index} className="rule">
            <input
              className="input"
              aria-label={`Name of rule ${index + 1}`}
              placeholder="Name"
              value={rule.name}
              onChange={(event) => set(index, { name: event.target.value })}
            />
            <select
              className="input source"
              aria-label={`Signal of rule ${index + 1}`}
              value={rule.signal}
              onChange={(event) => set(index, { signal: event.target.value as Signal })}
            >
              <option>logs</option>
              <option>spans</option>
              <option>events</option>
            </select>
            <SearchInput
              key={rule.signal}
              signal={rule.signal}
              label={`Search of rule ${index + 1}`}
              value={rule.query}
              hotkey={false}
              onSubmit={(query) => set(index, { query })}
              onDraft={(query) => set(index, { query })}
            />
            <Keep rule={rule} index={index} onChange={(keep_ms) => set(index, { keep_ms })} />
            <IconButton
              icon="up"
              label={`${rule.name} earlier`}
              disabled={index === 0}
              onClick={() => move(index, -1)}
            />
            <IconButton
              icon="trash"
              label={`Remove ${rule.name}`}
              onClick={() => setRules(rules.filter((_, at) => at !== index))}
            />
          </li>
        ))}
      </ol>
      <Button
        icon="plus"
        tone="quiet"
        disabled={rules.length >= RULES_MAX}
        title={rules.length >= RULES_MAX ? `${RULES_MAX} rules are kept apart at most` : undefined}
        onClick={() => setRules([...rules, FRESH])}
      >
        Rule
      </Button>
      <Sampling value={sampling} onChange={setSampling} />
    </section>
  );
}

function defaultsText(defaults: Record<string, number> | undefined): string {
  const named = Object.entries(defaults ?? {}).filter(([name]) => /^(logs|spans|events)_ms$/.test(name));
  return named.map(([name, ms]) => `${name.replace("_ms", "")} ${spanText(ms)}`).join(", ");
}

interface KeepProps {
  rule: RetentionRule;
  index: number;
  onChange: (keepMs: number) => void;
}

/** `3d`, `13mo`: taken as soon as it says a span. */
function Keep({ rule, index, onChange }: KeepProps) {
  const [text, setText] = useState(spanText(rule.keep_ms));
  const bad = parseSpan(text) === null;
  return (
    <input
      className="input keep"
      aria-label={`Kept for, rule ${index + 1}`}
      aria-invalid={bad}
      title="Kept for, like 3d, 6w or 13mo"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const span = parseSpan(event.target.value);
        if (span !== null) onChange(span);
      }}
    />
  );
}
