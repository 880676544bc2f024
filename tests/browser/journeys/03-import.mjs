/** Journey 3: an exported dashboard in the clipboard, pasted: drawn with live data, and what can't be drawn is named. */
import { readFileSync } from "node:fs";
import { BASE, expect, journey, until } from "../browser.mjs";

const acceptance = JSON.parse(readFileSync(new URL("../../acceptance/dashboard.json", import.meta.url), "utf8"));
const exported = {
  ...acceptance,
  id: "abc-def-ghi",
  url: "/dashboard/abc-def-ghi/first-look",
  reflow_type: "auto",
  widgets: [
    { id: 1, definition: { type: "timeseries", title: "Load", requests: [{ q: "avg:system.load.1{*}" }] } },
    { id: 2, definition: { type: "hostmap", title: "Hosts", requests: { fill: { q: "avg:system.cpu.user{*}" } }, kept: "as it is" } },
    ...acceptance.widgets,
  ],
};

await journey("3 a dashboard is pasted", { clicks: 2, typed: 0 }, async (page, person) => {
  await page.goto(`${BASE}/dashboards`);
  await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(exported));
  await person.click(page.getByRole("button", { name: "Import" }));
  await page.getByRole("textbox", { name: "Dashboard JSON" }).press("ControlOrMeta+V");
  const dialog = page.getByRole("dialog", { name: "Import a dashboard" });
  await until("what is not drawn is named", () => dialog.getByText("hostmap").count());
  await person.click(dialog.getByRole("link", { name: "Open it" }));
  const chart = page.getByRole("img", { name: /^Load: .*\d/ });
  await until("live data", () => chart.count());
  expect((await page.getByText("is not drawn yet; its JSON is kept").count()) === 1, "the host map is named in its place");
  const id = new URL(page.url()).pathname.split("/").pop();
  const stored = await (await page.request.get(`${BASE}/api/v1/dashboard/${id}`)).json();
  expect(stored.id !== exported.id && stored.reflow_type === "auto", "a new dashboard with its fields");
  expect(stored.widgets[1].definition.kept === "as it is", "fields of a widget that is not drawn");
  const csrf = (await page.context().cookies()).find(({ name }) => name === "oriel_csrf").value;
  await page.request.delete(`${BASE}/api/v1/dashboard/${id}`, { headers: { "X-CSRF-Token": csrf } });
});
