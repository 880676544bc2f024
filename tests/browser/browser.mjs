/**
 * What every browser test starts from: Debian's chromium, a page that is logged in, and a count of what a person does.
 * The server under test is named by the environment:
 *   ORIEL_URL       its base URL
 *   ORIEL_USER, ORIEL_PASSWORD   a login (user `admin` when not given)
 *   ORIEL_LINK      a one-time login link, where the journey starts from one
 *   ORIEL_AGENT_CONFIG   the agent's folder, where a journey edits a check
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../ui/package.json", import.meta.url)));
const { chromium } = require("playwright-core");

export const BASE = (process.env.ORIEL_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
export const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const STEP_MS = Number(process.env.ORIEL_STEP_MS ?? 30_000);

export class TooMany extends Error {}

/** A person at the page: every click and every typed character is counted against what the journey allows. */
export class Person {
  constructor(page, allowed) {
    this.page = page;
    this.allowed = allowed;
    this.clicks = 0;
    this.typed = 0;
  }

  async click(target) {
    this.clicks += 1;
    if (this.clicks > this.allowed.clicks) throw new TooMany(`click ${this.clicks}, and the journey allows ${this.allowed.clicks}`);
    await target.click();
  }

  async type(text) {
    this.typed += text.length;
    if (this.typed > this.allowed.typed) throw new TooMany(`${this.typed} characters typed, and the journey allows ${this.allowed.typed}`);
    await this.page.keyboard.type(text);
  }
}

export function expect(holds, what) {
  if (!holds) throw new Error(`expected: ${what}`);
}

/** Asks until the answer is true; a journey waits as a person would, without a fixed pause. */
export async function until(what, ask, ms = STEP_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export async function login(context) {
  const data = { user: process.env.ORIEL_USER ?? "admin", password: process.env.ORIEL_PASSWORD ?? "" };
  const answer = await context.request.post(`${BASE}/api/ui/login`, { data });
  if (!answer.ok()) throw new Error(`login: ${answer.status()} ${await answer.text()}`);
}

/** The latest values that a chart's label names, as text by line. */
export async function chartLabel(page, title) {
  const chart = page.getByRole("img", { name: new RegExp(`^${title}: `) }).first();
  return (await chart.count()) > 0 ? chart.getAttribute("aria-label") : null;
}

/** Runs one journey: faults of the page fail it, and a picture of the failure is kept when ORIEL_SHOTS names a folder. */
export async function journey(name, allowed, walk, { loggedIn = true } = {}) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: BASE });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MS);
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => /Content Security Policy|Refused to/.test(message.text()) && faults.push(message.text()));
  const person = new Person(page, allowed);
  const started = Date.now();
  try {
    if (loggedIn) await login(context);
    await walk(page, person);
    expect(faults.length === 0, `no faults on the page, but: ${faults.join("; ")}`);
    console.log(`ok   ${name}: ${person.clicks} clicks of ${allowed.clicks}, ${person.typed} typed of ${allowed.typed}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.error(`FAIL ${name}: ${error.message}${faults.length ? ` (page: ${faults.join("; ")})` : ""}`);
    if (process.env.ORIEL_SHOTS) await page.screenshot({ path: `${process.env.ORIEL_SHOTS}/${name.replaceAll(" ", "-")}.png` });
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}
