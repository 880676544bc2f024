/** Journey 6: a mail at 3 a.m. From its link to the chart as it was, why it fired, and what differs from the hour before; muted for an hour. */
import { readFileSync } from "node:fs";
import { BASE, expect, journey, until } from "../browser.mjs";

const html = readFileSync(process.env.ORIEL_MAIL, "utf8");
const id = process.env.ORIEL_MONITOR;

await journey("6 a mail at night", { clicks: 3, typed: 0 }, async (page, person) => {
  // The mail in a program for mail: its picture is a part of it, and nothing else is loaded.
  await page.setContent(html);
  await person.click(page.locator(`a[href*="/monitors/${id}?"]`).first());
  await page.waitForURL(/\/monitors\/\d+\?/);
  expect(new URL(page.url()).searchParams.has("from_ms"), "a link with frozen time");
  const pane = page.getByRole("region", { name: "What the notice is about" });
  await until("what the notice is about", () => pane.count());
  const chart = pane.getByRole("img", { name: /^The chart as it was.*\d/ });
  await until("the chart as it was", () => chart.count());
  await until("why it fired", async () => /\d(\.\d+)? > 800/.test(await pane.innerText()));
  await until("the state machine's steps", async () => (await pane.getByRole("listitem").count()) > 2);
  await until("what differs from the hour before", () => pane.getByRole("listitem", { name: /GatewayTimeout|1\.4\.3|504/ }).count());
  await until("a log line of the window", async () => (await pane.innerText()).includes("the payment gateway did not answer"));
  await person.click(page.getByRole("button", { name: "Mute for an hour" }));
  await until("it says until when", () => page.getByRole("status").filter({ hasText: /Muted until \d\d:\d\d/ }).count());
  const { downtimes } = await (await page.request.get(`${BASE}/api/ui/downtimes?active=true`)).json();
  const [mute] = downtimes.filter(({ muting, monitor }) => muting.includes(Number(id)) || monitor.monitor_id === Number(id));
  expect(mute && mute.scope.includes("web-1"), `a mute of the group: ${JSON.stringify(downtimes)}`);
  const leftMs = mute.end_ms - Date.now();
  expect(leftMs > 55 * 60_000 && leftMs <= 61 * 60_000, `an hour of it: ${leftMs} ms`);
});
