/** Pictures of every page in both themes, from a server with live data: `images.mjs OUT [page …]`. */
import { mkdirSync, readFileSync } from "node:fs";
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
    ...(await alerts(context)),
  };
}

/** Pages about watching. A page is an address, or an address and what a person then does there; a mail is a file. */
async function alerts(context) {
  const id = process.env.ORIEL_MONITOR;
  if (!id) return {};
  const now = Date.now();
  const history = await (await context.request.get(`${BASE}/api/ui/monitors/${id}/history?from_ms=${now - 3_600_000}&to_ms=${now}`)).json();
  const fired = (history.transitions ?? []).find(({ to, group }) => to === "Alert" && group);
  const moment = fired
    ? `?group=${encodeURIComponent(fired.group)}&at=${fired.at_ms}&from_ms=${fired.at_ms - 1_200_000}&to_ms=${fired.at_ms + 300_000}&notice=${fired.notice_key ?? ""}`
    : "";
  const button = (name) => (page) => page.getByRole("button", { name }).first().click();
  return {
    monitors: "/monitors",
    monitor: `/monitors/${id}?range=${RANGE}`,
    "monitor-fired": `/monitors/${id}${moment}`,
    "monitor-why": fired ? `/monitors/${id}/why?at=${fired.at_ms}&group=${encodeURIComponent(fired.group)}` : `/monitors/${id}/why`,
    "monitor-editor": `/monitors/${id}/edit?range=${RANGE}`,
    "monitor-try": {
      path: `/monitors/${id}/edit?range=${RANGE}`,
      act: [(page) => page.getByRole("tab", { name: "Try on the past" }).click(), button("1 day")],
      settle: 6_000,
    },
    downtimes: "/monitors/downtimes",
    "downtime-editor": { path: "/monitors/downtimes?new=1", act: [button("Again and again"), button("Sat")] },
    slos: "/slos",
    slo: `/slos/${process.env.ORIEL_SLO}`,
    "slo-editor": `/slos/${process.env.ORIEL_SLO}/edit?range=${RANGE}`,
    deliveries: "/monitors/deliveries",
    notifications: "/settings/notifications",
    synthetics: { path: `/synthetics?range=${RANGE}`, act: [(page) => page.getByRole("row").nth(1).click()] },
    ...(process.env.ORIEL_MAIL ? { mail: { file: process.env.ORIEL_MAIL } } : {}),
  };
}

/** What is seen once the page has come to rest. */
async function visit(page, target) {
  const { path, file, act = [], settle = SETTLE_MS } = typeof target === "string" ? { path: target } : target;
  if (file) await page.setContent(readFileSync(file, "utf8"));
  else await page.goto(BASE + path);
  await page.waitForTimeout(file ? 300 : SETTLE_MS);
  for (const step of act) {
    await step(page).catch((error) => console.error(`${path}: ${error.message.split("\n")[0]}`));
    await page.waitForTimeout(settle / act.length);
  }
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
  for (const [name, target] of Object.entries(await pages(context))) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (name === "login") await context.clearCookies();
    else await context.addCookies(cookies);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await visit(page, target);
    await page.screenshot({ path: `${out}/${name}-${theme}.png`, fullPage: name === "mail" });
    await page.close();
  }
  await context.close();
}
await browser.close();
