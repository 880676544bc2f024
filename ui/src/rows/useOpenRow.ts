/** The row whose detail is open: from the list when it was clicked, from the server when its id came with the URL. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { around, type Row, type Signal } from "../api/rows";
import type { SetRowsView } from "./view";

export function useOpenRow(signal: Signal, id: string, set: SetRowsView) {
  const [clicked, setClicked] = useState<Row | null>(null);
  const known = clicked?.id === id ? clicked : null;
  const asked = useQuery({ ...around(signal, id, 1), enabled: id !== "" && !known });
  const open = (row: Row | null) => {
    setClicked(row);
    set({ row: row?.id ?? "" }, true);
  };
  return {
    row: id === "" ? null : (known ?? asked.data?.row ?? null),
    loading: id !== "" && !known && asked.isPending,
    error: id !== "" && !known ? asked.error : null,
    open,
  };
}
