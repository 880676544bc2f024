/** Pictures of every page in both themes, from a server with live data: `images.mjs OUT [page …]`. */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ARGS, BASE, login } from "./browser.mjs";

const require = createRequire(fileURLToPath(new URL("../../ui/package.json", import.meta.url)));
const { chromium } = require("playwright-core");

const [out = "docs/images", ...wanted] = process.argv.slice(2);
const RANGE = process.env.ORIEL_RANGE ?? "15m";
const SETTLE_MS = Number(process.env.ORIEL_SETTLE_MS ?? 2_500);

/** Pages by name; a host and the dashboards are those that the server has. */
async function pages(context) {
  const me = await (await context.request.get(`${BASE}/api/ui/me`)).json();
  const { dashboards = [] } = await (await context.request.get(`${BASE}/api/v1/dashboard`)).json();
  const queries = ["avg:system.cpu.user{*} by {host}", "avg:system.cpu.system{*} by {host}"].map((query) => `&q=${encodeURIComponent(query)}`).join("");
  return {
    login: "/login",
    setup: "/setup",
    dashboards: "/dashboards",
    ...Object.fromEntries(dashboards.map(({ id, title }) => [title.toLowerCase().replace(/[^a-z0-9]+/g, "-"), `/dashboard/${id}?range=${RANGE}`])),
    explore: `/metrics/explore?range=${RANGE}${queries}`,
    metrics: "/metrics/summary",
    hosts: "/hosts",
    host: `/hosts/${encodeURIComponent(me.hostname)}?range=${RANGE}`,
    settings: "/settings",
  };
}

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
for (const theme of ["light", "dark"]) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
  await login(context);
  const cookies = await context.cookies();
  for (const [name, path] of Object.entries(await pages(context))) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (name === "login") await context.clearCookies();
    else await context.addCookies(cookies);
    const page = await context.newPage();
    await page.goto(BASE + path);
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: `${out}/${name}-${theme}.png` });
    await page.close();
  }
  await context.close();
}
await browser.close();
