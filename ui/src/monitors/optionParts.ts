import type { MonitorOptions } from "../api/monitorModel";
import type { Form } from "./form";

/** What each part of the options is given. */
export interface OptionsProps {
  options: MonitorOptions;
  /** Null: a query that is text. */
  form: Form | null;
  set: (part: Partial<MonitorOptions>) => void;
}

/** An emptied field leaves the document. */
export const given = (value: number | null) => value ?? undefined;
