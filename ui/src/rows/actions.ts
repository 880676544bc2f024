/** What a click on any value of a row may do; the page says which of them it has. */
import { createContext, use } from "react";
import type { FieldValue } from "./filters";

export interface RowActions {
  filter: (field: string, value: FieldValue) => void;
  exclude: (field: string, value: FieldValue) => void;
  /** Adds the column, or takes it away. */
  column?: (field: string) => void;
  columns?: string[];
  group?: (field: string) => void;
}

export type OpenValueMenu = (
  at: HTMLElement | { x: number; y: number },
  field: string,
  value: FieldValue | null,
) => void;

export const ValueMenuContext = createContext<OpenValueMenu | null>(null);

export function useValueMenu(): OpenValueMenu | null {
  return use(ValueMenuContext);
}
