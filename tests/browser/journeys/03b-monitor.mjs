/** Journey 3 for monitors: an exported monitor in the clipboard, pasted: drawn with live data, what can't be run is listed, and saved. */
import { readFileSync } from "node:fs";
import { BASE, expect, journey, until } from "../browser.mjs";

const acceptance = JSON.parse(readFileSync(new URL("../../acceptance/monitor.json", import.meta.url), "utf8"));
const exported = {
  ...acceptance,
  query: "avg(last_5m):avg:checkout.latency{env:prod} by {host} > 800",
  overall_state: "OK",
  multi: true,
  org_id: 1234,
  options: { ...acceptance.options, restricted_roles: ["a-b-c"], synthetics_check_id: "kept" },
};

await journey("3 a monitor is pasted", { clicks: 2, typed: 0 }, async (page, person) => {
  await page.goto(`${BASE}/monitors`);
  await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(exported));
  await person.click(page.getByRole("button", { name: "Paste a monitor" }).first());
  await page.getByRole("textbox", { name: "Monitor JSON" }).press("ControlOrMeta+V");
  await page.waitForURL(/\/monitors\/new/);
  const chart = page.getByRole("img", { name: /: .*\d/ });
  await until("live data", () => chart.count());
  await until("what is kept and can't be run is named", async () => (await page.getByRole("main").innerText()).includes("restricted_roles"));
  await person.click(page.getByRole("button", { name: /^(Save|Create)/ }).first());
  await page.waitForURL(/\/monitors\/\d+/);
  const id = new URL(page.url()).pathname.split("/").pop();
  const stored = await (await page.request.get(`${BASE}/api/v1/monitor/${id}`)).json();
  expect(stored.id !== exported.id && stored.name === exported.name, "a new monitor with its name");
  expect(stored.options.synthetics_check_id === "kept" && stored.options.restricted_roles[0] === "a-b-c", "every field is kept");
  expect(stored.message === exported.message, "the message, word by word");
  await until("the page of the monitor draws it", () => page.getByRole("img", { name: /: .*\d/ }).count());
  const csrf = (await page.context().cookies()).find(({ name }) => name === "oriel_csrf").value;
  await page.request.delete(`${BASE}/api/v1/monitor/${id}`, { headers: { "X-CSRF-Token": csrf } });
});
