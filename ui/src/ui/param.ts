import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";
import { followed, followedOver, startTyped, typed, typedOver } from "./typed";

/**
 * One parameter of the URL as state; typing replaces the entry, so that back leaves the page. The value is there at once,
 * while the URL follows a little later: a field that showed the URL's would lose letters of a fast hand.
 */
export function useParam(name: string, replace = true): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const url = params.get(name) ?? "";
  const [own, setOwn] = useState(() => startTyped(url));
  const now = (replace ? followedOver : followed)(own, url);
  if (now !== own) setOwn(now);
  const set = useCallback(
    (value: string) => {
      setOwn((before) => (replace ? typedOver : typed)(before, value));
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
