/** What every widget of a page needs and no widget owns. */
import { createContext, use } from "react";
import type { EventEntry } from "../api/events";
import type { Fill } from "./requests";
import type { Path } from "./edit";

export interface BoardContext {
  fill: Fill;
  events: EventEntry[];
  editing: boolean;
  onEdit: (path: Path) => void;
  onJson: (path: Path) => void;
  onDuplicate: (path: Path) => void;
  onDelete: (path: Path) => void;
  onFull: (path: Path) => void;
}

export const Board = createContext<BoardContext | null>(null);

export function useBoard(): BoardContext {
  const value = use(Board);
  if (!value) throw new Error("useBoard needs a Board above it");
  return value;
}

/** The name of a widget in the URL. */
export const widgetKey = (path: Path) => path.join(".");
