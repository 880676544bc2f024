/** Many monitors at once, and whom the monitors on Oriel itself tell. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get, withParams } from "./client";

export interface Imported {
  /** The id that it had where it was exported. */
  from_id: number | null;
  id: number | null;
  name: string;
}

export interface ImportAnswer {
  taken: (Imported & { warnings: string[] })[];
  known: Imported[];
  refused: { from_id: number | null; name: string; errors: string[] }[];
}

export interface ImportRequest {
  monitors: unknown[];
  muted: boolean;
  /** What would happen, without it. */
  dry: boolean;
}

export function useImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ monitors, muted, dry }: ImportRequest) =>
      call<ImportAnswer>(
        "POST",
        withParams("/api/ui/monitors/import", { muted: String(muted), dry: String(dry) }),
        monitors,
      ),
    onSuccess: (_, { dry }) => (dry ? undefined : client.invalidateQueries({ queryKey: ["monitors"] })),
  });
}

export interface OwnMonitors {
  monitors: { id: number; name: string; handles: string[] }[];
}

export const ownMonitors = queryOptions({
  queryKey: ["monitors", "own"],
  queryFn: ({ signal }) => get<OwnMonitors>("/api/ui/monitors/own", signal),
  staleTime: 60_000,
});

export function useTellOwn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (handles: string[]) => call<OwnMonitors>("POST", "/api/ui/monitors/own", { handles }),
    onSuccess: (answer) => {
      client.setQueryData(ownMonitors.queryKey, answer);
      return client.invalidateQueries({ queryKey: ["monitors"] });
    },
  });
}
