/** Screenshots of every page in both themes: `npm run shots -- [page …]` against BASE (a mock or a server). */
import { chromium } from "playwright-core";
import { mkdirSync } from "node:fs";

const BASE = process.env.BASE ?? "http://127.0.0.1:5173";
const OUT = process.env.OUT ?? "shots";
const PAGES = {
  login: "/login",
  setup: "/setup",
  dashboards: "/dashboards",
  system: "/dashboard/system?range=1h",
  postgres: "/dashboard/postgres?range=4h",
  oriel: "/dashboard/oriel?range=4h",
  acceptance: "/dashboard/abc-def-ghi?range=4h",
  explore: "/metrics/explore?range=4h&q=avg:system.cpu.user{*} by {host}",
  summary: "/metrics/summary",
  hosts: "/hosts",
  host: "/hosts/web-1?range=1h",
  settings: "/settings",
};

const wanted = process.argv.slice(2);
mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

async function shoot(theme, name, path) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  if (name !== "login") {
    const login = await context.request.post(`${BASE}/api/ui/login`, { data: { user: process.env.ORIEL_USER ?? "admin", password: process.env.ORIEL_PASSWORD ?? "oriel" } });
    if (!login.ok()) throw new Error(`login answered ${login.status()}`);
  }
  await page.goto(BASE + path);
  await page.waitForTimeout(Number(process.env.WAIT_MS ?? 1800));
  await page.screenshot({ path: `${OUT}/${name}-${theme}.png` });
  if (faults.length) console.log(name, theme, faults.slice(0, 4));
  await context.close();
}

for (const [name, path] of Object.entries(PAGES)) {
  if (wanted.length && !wanted.includes(name)) continue;
  for (const theme of (process.env.THEMES ?? "light,dark").split(",")) await shoot(theme, name, path);
}
await browser.close();
