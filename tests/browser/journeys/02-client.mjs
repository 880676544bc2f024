/** Journey 2: pick a client, copy its line, run it; the page turns green and leads to what was just sent. */
import { execFileSync } from "node:child_process";
import { BASE, expect, journey, until } from "../browser.mjs";

await journey("2 a client turns green", { clicks: 3, typed: 0 }, async (page, person) => {
  await page.goto(`${BASE}/setup`);
  await person.click(page.locator("[data-client=dogstatsd]"));
  const card = page.getByRole("region", { name: "DogStatsD" });
  await person.click(card.getByRole("button", { name: /^Copy/ }).first());
  const line = await page.evaluate(() => navigator.clipboard.readText());
  expect(line.includes("/dev/udp/"), `a line for the shell, not ${line}`);
  execFileSync("bash", ["-c", line]);
  const see = card.getByRole("link", { name: "See it" });
  await until("green within 15 s", () => see.count(), 15_000);
  expect((await page.locator("[data-client=dogstatsd]").getAttribute("data-seen")) === "true", "the light is green");
  await person.click(see);
  const sent = Number(/:(\d+)\|/.exec(line)[1]);
  const chart = page.getByRole("img", { name: /first\.metric/ });
  const label = await until("the metric on a chart", async () => (await chart.count()) > 0 && chart.first().getAttribute("aria-label"));
  expect(label.endsWith(` ${sent}`), `the chart says ${sent}: ${label}`);
});
