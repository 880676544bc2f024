import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** One parameter of the URL as state; typing replaces the entry, so that back leaves the page. */
export function useParam(name: string, replace = true): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (value: string) =>
      setParams(
        (current) => {
          if ((current.get(name) ?? "") === value) return current;
          const next = new URLSearchParams(current);
          if (value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace },
      ),
    [name, replace, setParams],
  );
  return [params.get(name) ?? "", set];
}
