import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { Button } from "./Button";
import { CopyLine } from "./Copy";
import { Icon } from "./Icon";

/** What a view shows when there is nothing: a sentence, and the two lines that would fill it. */
export function Empty({ title, children, lines = [] }: { title: string; children?: ReactNode; lines?: string[] }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children && <div className="state-text">{children}</div>}
      {lines.length > 0 && (
        <div className="state-lines">
          {lines.map((line) => (
            <CopyLine key={line} text={line} />
          ))}
        </div>
      )}
    </div>
  );
}

export function adviceFor(error: unknown): string {
  if (!(error instanceof ApiError)) return "Reload the page; if it stays, the browser's console has the details.";
  if (error.status === 0) return "The page asks again by itself as soon as the server answers.";
  if (error.status === 403) return "Log in with a user who may do this.";
  if (error.status === 404) return "It may have been deleted; go back to the list.";
  if (error.status === 429) return `Too many requests: wait ${error.retryAfterS ?? 5} s and try again.`;
  if (error.status >= 500) return "The server's log has the details; try again in a moment.";
  return "Change what the message names and try again.";
}

export function Failed({ error, retry, what }: { error: unknown; retry?: () => void; what: string }) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="state failed" role="alert">
      <p className="state-title">
        <Icon name="warn" /> {what}
      </p>
      <div className="state-text">
        <p>{message}</p>
        <p className="dim">{adviceFor(error)}</p>
      </div>
      {retry && (
        <Button icon="refresh" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <div className="skeleton-rows" role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="skeleton" style={{ width: `${88 - ((index * 23) % 40)}%` }} />
      ))}
    </div>
  );
}

export function SkeletonChart() {
  return (
    <div className="skeleton-chart" role="status" aria-busy="true" aria-label="Loading">
      <div className="skeleton" />
    </div>
  );
}
