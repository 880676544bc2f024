/** Runs the journeys one after the other; named ones when given (`run.mjs 1 11`). Ends with 1 when one failed. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2).map((name) => name.padStart(2, "0"));
const all = readdirSync(here).filter((name) => /^\d\d-/.test(name)).sort();
const failed = all
  .filter((name) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(`${prefix}-`)))
  .filter((name) => spawnSync(process.execPath, [here + name], { stdio: "inherit" }).status !== 0);
process.exitCode = failed.length === 0 ? 0 : 1;
