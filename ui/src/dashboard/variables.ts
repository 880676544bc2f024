/** Template variables: what is chosen (in the URL), and queries with the choice put in. */
import type { Dashboard, TemplateVariable } from "./model";

export type Choice = Record<string, string[]>;

const PARAM = "tpl_var_";

export function defaultsOf(variable: TemplateVariable): string[] {
  if (variable.defaults?.length) return variable.defaults;
  return variable.default ? [variable.default] : ["*"];
}

export function readChoice(dashboard: Dashboard, params: URLSearchParams): Choice {
  const choice: Choice = {};
  for (const variable of dashboard.template_variables ?? []) {
    const values = params
      .getAll(PARAM + variable.name)
      .flatMap((text) => text.split(","))
      .filter(Boolean);
    choice[variable.name] = values.length > 0 ? values : defaultsOf(variable);
  }
  return choice;
}

export function writeChoice(params: URLSearchParams, name: string, values: string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete(PARAM + name);
  if (values.length > 0) next.set(PARAM + name, values.join(","));
  return next;
}

/** `$host` becomes `host:web-1`, `host IN (a,b)` or `*`; `$host.value` the bare value. */
export function substitute(query: string, variables: TemplateVariable[], choice: Choice): string {
  const byLength = [...variables].sort((a, b) => b.name.length - a.name.length);
  let text = query;
  for (const variable of byLength) {
    const name = variable.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const pattern = new RegExp(`\\$${name}(\\.value|\\.key)?(?![\\w-])`, "g");
    text = text.replace(pattern, (_match, part?: string) => valueOf(variable, choice[variable.name] ?? ["*"], part));
  }
  return text;
}

function valueOf({ prefix }: TemplateVariable, values: string[], part: string | undefined): string {
  const some = values.filter((value) => value !== "*");
  if (part === ".key") return prefix ?? "";
  if (some.length === 0) return "*";
  const bare = some.length === 1 ? some[0] : `(${some.join(" OR ")})`;
  if (part === ".value" || !prefix) return bare;
  return some.length === 1 ? `${prefix}:${bare}` : `${prefix} IN (${some.join(",")})`;
}
