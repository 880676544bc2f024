/**
 * Every page about watching, as a laptop, a wide screen and a phone show it, light and dark: no fault that axe finds, nothing cut
 * off by the edge of the screen, no text that runs out of its box, no chart without height. `ORIEL_SHOTS` names a folder for
 * pictures; arguments choose pages.
 *   ORIEL_MONITOR, ORIEL_SLO   what is shown
 *   ORIEL_FIRED     a monitor that fired within hours, if that is another
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ARGS, BASE, login } from "./browser.mjs";

const require = createRequire(fileURLToPath(new URL("../../ui/package.json", import.meta.url)));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const id = process.env.ORIEL_MONITOR;
const firedId = process.env.ORIEL_FIRED ?? id;
const HOUR_MS = 3_600_000;
const slo = process.env.ORIEL_SLO ?? "";
const shots = process.env.ORIEL_SHOTS;
const SETTLE_MS = Number(process.env.ORIEL_SETTLE_MS ?? 400);
const IDLE_MS = 10_000;
const wanted = process.argv.slice(2);

const SCREENS = {
  laptop: { viewport: { width: 1280, height: 800 } },
  wide: { viewport: { width: 1920, height: 1080 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
/** `screen:theme`; all six on request. */
const views = (process.env.ORIEL_VIEWS ?? "laptop:dark,phone:light").split(",").map((each) => each.split(":"));

/** Pages that are also looked at while nothing answers. */
const FAILING = ["/monitors", "/monitors/downtimes", "/slos", "/monitors/deliveries", "/settings/notifications", "/synthetics"];

const button = (name) => (page) => page.getByRole("button", { name }).first().click();
const tab = (name) => (page) => page.getByRole("tab", { name }).click();

/** Pages by name: an address, or an address and what a person then does there. */
async function pages(context) {
  const now = Date.now();
  const asked = `from_ms=${now - 6 * HOUR_MS}&to_ms=${now + 2 * HOUR_MS}`;
  const { transitions = [] } = await (await context.request.get(`${BASE}/api/ui/monitors/${firedId}/history?${asked}`)).json();
  const fired = transitions.find(({ to }) => to === "Alert");
  const group = encodeURIComponent(fired?.group ?? "");
  const at = fired?.at_ms ?? now;
  const moment = `group=${group}&at=${at}&from_ms=${at - 1_200_000}&to_ms=${at + 300_000}&notice=${fired?.notice_key ?? ""}`;
  return {
    monitors: "/monitors",
    "monitors-none": "/monitors?query=nothing-is-called-this",
    monitor: `/monitors/${id}`,
    "monitor-fired": `/monitors/${firedId}?${moment}`,
    "monitor-why": `/monitors/${firedId}/why?at=${at}&group=${group}`,
    "monitor-absent": "/monitors/99999999",
    "monitor-new": "/monitors/new",
    "monitor-editor": { path: `/monitors/${id}/edit`, act: [button("Change")] },
    "monitor-json": `/monitors/${id}/edit?as=json`,
    "monitor-message": { path: `/monitors/${id}/edit`, act: [tab(/Message/)] },
    "monitor-try": { path: `/monitors/${id}/edit`, act: [tab(/Try/), button("1 day")] },
    downtimes: "/monitors/downtimes",
    "downtime-editor": { path: "/monitors/downtimes?new=1", act: [button("Again and again")] },
    slos: "/slos",
    slo: `/slos/${slo}`,
    "slo-new": "/slos/new",
    "slo-editor": `/slos/${slo}/edit`,
    deliveries: "/monitors/deliveries",
    notifications: "/settings/notifications",
    channel: { path: "/settings/notifications", act: [button(/Add a channel/), (page) => page.getByRole("menuitem", { name: "Slack" }).click()] },
    synthetics: "/synthetics",
    ...Object.fromEntries(FAILING.map((path) => [`${path.split("/").pop()}-failed`, { path, failing: true }])),
    "monitor-failed": { path: `/monitors/${id}`, failing: true },
    "synthetic-editor": { path: "/synthetics", act: [button(/New test/)] },
  };
}

/** What axe finds, one line each, with the first places. */
async function faultsOf(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }),
  );
  return found.violations.map(({ id: rule, help, nodes }) => {
    const places = nodes.slice(0, 4).map(({ target, any }) => `${target.join(" ")} ${any[0]?.data?.contrastRatio ?? ""}`);
    return `${rule} (${help}) × ${nodes.length}: ${places.join(" | ")}`;
  });
}

/** What is cut off by the screen's edge or runs out of its box, and is not inside of something that scrolls by itself. */
async function overflowing(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const named = (each) => `${each.tagName.toLowerCase()}.${String(each.className?.baseVal ?? each.className).replaceAll(" ", ".")}`;
    const styleOf = (each) => getComputedStyle(each);
    const pages = ".page-body, .main, .page-head, body, html";
    /** Whether a person gets to see it all: by scrolling a part of the page, or because dots say that there is more. */
    const reachable = (each) => {
      for (let at = each; at; at = at.parentElement) {
        const { overflowX, textOverflow, clipPath } = styleOf(at);
        if (textOverflow === "ellipsis" || clipPath !== "none") return true;
        if (!at.matches(pages) && (overflowX === "auto" || overflowX === "scroll")) return true;
      }
      return false;
    };
    const shown = [...document.querySelectorAll("body *")].filter((each) => !each.closest("svg, canvas, .cm-editor, .u-wrap"));
    const wide = shown.filter((each) => {
      const { right, width: own } = each.getBoundingClientRect();
      return own > 0 && right > width + 1 && !reachable(each);
    });
    const words = shown.filter((each) => {
      const holdsText = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
      const { display, overflowX } = styleOf(each);
      return holdsText && display !== "inline" && overflowX === "visible" && each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1 && !reachable(each);
    });
    const flat = [...document.querySelectorAll(".u-over")].filter((each) => each.offsetWidth > 0 && each.offsetHeight < 60);
    const told = (what, all) => (all.length > 0 ? [`${what} × ${all.length}: ${all.slice(0, 4).map(named).join(" | ")}`] : []);
    return [...told("beyond the edge of the screen", wide), ...told("text runs out of its box", words), ...told("a chart without height", flat)];
  });
}

/** The page has its head, and waits for nothing; a live chart may ask anew for as long as one looks. */
async function atRest(page) {
  await page.locator("h1, [role=dialog]").first().waitFor({ state: "attached" });
  await page.waitForTimeout(SETTLE_MS);
  const isIdle = () => document.querySelector('[aria-busy="true"], .skeleton') === null;
  await page.waitForFunction(isIdle, null, { timeout: IDLE_MS }).catch(() => undefined);
}

const isData = ({ pathname }) => pathname.startsWith("/api/") && pathname !== "/api/ui/me";

async function visit(page, target) {
  const { path, act = [], failing = false } = typeof target === "string" ? { path: target } : target;
  if (failing)
    await page.route(isData, (route) => route.fulfill({ status: 500, json: { errors: ["the disk does not answer"] } }));
  await page.goto(BASE + path);
  await atRest(page);
  for (const step of act) {
    await step(page);
    await atRest(page);
  }
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
let seen = 0;
for (const [screen, theme] of views) {
  const context = await browser.newContext({ ...SCREENS[screen], colorScheme: theme, reducedMotion: "reduce" });
  await login(context);
  for (const [name, target] of Object.entries(await pages(context))) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const faults = [];
    page.on("pageerror", (error) => faults.push(`fault: ${error.message}`));
    await visit(page, target).catch((error) => faults.push(error.message.split("\n")[0]));
    faults.push(...(await overflowing(page)), ...(await faultsOf(page)));
    if (shots) await page.screenshot({ path: `${shots}/${name}-${screen}-${theme}.png` });
    for (const fault of faults) console.error(`FAIL ${name} ${screen} ${theme}: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
    seen += 1;
    await page.close();
  }
  await context.close();
}
await browser.close();
console.log(`${process.exitCode ? "FAIL" : "ok  "} ${seen} views of pages about watching`);
