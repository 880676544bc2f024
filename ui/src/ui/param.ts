import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";

interface Own {
  /** The value that the URL had when this was last in step with it. */
  seen: string;
  value: string;
  /** What is on its way into the URL. */
  sent: string[];
}

/**
 * One parameter of the URL as state; typing replaces the entry, so that back leaves the page. The value is there at once,
 * while the URL follows a little later: a field that showed the URL's would lose letters of a fast hand.
 */
export function useParam(name: string, replace = true): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const url = params.get(name) ?? "";
  const [own, setOwn] = useState<Own>({ seen: url, value: url, sent: [] });
  let now = own;
  if (own.seen !== url) {
    const at = own.sent.indexOf(url);
    now = at < 0 ? { seen: url, value: url, sent: [] } : { ...own, seen: url, sent: own.sent.slice(at + 1) };
    setOwn(now);
  }
  const set = useCallback(
    (value: string) => {
      setOwn((before) => ({ ...before, value, sent: value === before.seen ? [] : [...before.sent, value] }));
      setParams(
        (current) => {
          if ((current.get(name) ?? "") === value) return current;
          const next = new URLSearchParams(current);
          if (value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace },
      );
    },
    [name, replace, setParams, setOwn],
  );
  return [now.value, set];
}
