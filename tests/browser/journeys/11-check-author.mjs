/** Journey 11: a check with a slip: from the hosts to the file, the line and the reason; after the edit the next run is green. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BASE, expect, journey, until } from "../browser.mjs";

const folder = process.env.ORIEL_AGENT_CONFIG;
if (!folder) throw new Error("ORIEL_AGENT_CONFIG names the agent's folder, which holds conf.d and checks.d");

const acceptance = fileURLToPath(new URL("../../acceptance/", import.meta.url));
const check = join(folder, "checks.d", "broken_import.py");
const config = join(folder, "conf.d", "broken_import.yaml");
// The first Python check of a fresh data folder waits for its environment to be made.
const FIRST_RUN_MS = Number(process.env.ORIEL_FIRST_RUN_MS ?? 240_000);

async function state(page) {
  const row = page.locator("[data-check=broken_import]").first();
  return (await row.count()) > 0 ? { status: await row.getAttribute("data-status"), text: await row.innerText() } : { status: "", text: "" };
}

for (const name of ["checks.d", "conf.d"]) mkdirSync(join(folder, name), { recursive: true });
copyFileSync(join(acceptance, "broken_import.py"), check);
writeFileSync(config, "instances:\n  - min_collection_interval: 5\n");

try {
  await journey("11 a check is mended", { clicks: 1, typed: 0 }, async (page, person) => {
    await page.goto(`${BASE}/hosts`);
    await person.click(page.getByRole("table", { name: "Hosts" }).getByRole("link").first());
    await until("the error", async () => (await state(page)).status === "error", FIRST_RUN_MS);
    const { text } = await state(page);
    expect(text.includes("broken_import.py:2"), `file and line: ${text}`);
    expect(/SyntaxError|invalid syntax/i.test(text), `the reason: ${text}`);
    expect(text.includes("from datadog_checks.base import AgentCheck"), `what the line should be: ${text}`);
    writeFileSync(check, readFileSync(check, "utf8").replace("import datadog_checks.base import", "from datadog_checks.base import"));
    await until("green after the edit", async () => (await state(page)).status === "ok", 60_000);
  });
} finally {
  for (const path of [check, config]) if (existsSync(path)) rmSync(path);
}
