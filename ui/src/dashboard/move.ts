import { createContext } from "react";
import type { Path } from "./edit";
import type { Layout } from "./model";

/** Apart from the board's other actions, so that moving one widget does not render the others again. */
export const MoveContext = createContext<(group: Path, layouts: Layout[]) => void>(() => {});
