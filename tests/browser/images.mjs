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
    logs: `/logs?range=${RANGE}`,
    "logs-grouped": `/logs?range=${RANGE}&view=group&by=service&m=count&m=pc95%3A%40duration_ms`,
    patterns: `/logs?range=${RANGE}&view=patterns`,
    pipelines: "/logs/pipelines",
    events: `/events?range=${RANGE}`,
    services: `/apm/services?range=${RANGE}`,
    service: `/apm/services/web?range=${RANGE}`,
    traces: `/apm/traces?range=${RANGE}&query=${encodeURIComponent("service:web")}`,
    trace: await failedTrace(context),
    map: `/apm/map?range=${RANGE}`,
  };
}

/** The newest trace in which something failed, with the failed span chosen. */
async function failedTrace(context) {
  const csrf = (await context.cookies()).find(({ name }) => name === "oriel_csrf")?.value ?? "";
  const now = Date.now();
  const data = { signal: "spans", query: "@error.stack:*", from_ms: now - 3_600_000, to_ms: now, limit: 1 };
  const { rows = [] } = await (await context.request.post(`${BASE}/api/ui/rows/search`, { data, headers: { "X-CSRF-Token": csrf } })).json();
  return rows[0] ? `/apm/trace/${rows[0].trace_id}?span=${rows[0].span_id}` : "/apm/traces";
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
