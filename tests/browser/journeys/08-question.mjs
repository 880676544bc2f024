/** Journey 8: a new question: count and p95 by any attribute, as a table and over time, saved to a dashboard. */
import { BASE, expect, journey, until } from "../browser.mjs";

await journey("8 a new question", { clicks: 5, typed: 8 }, async (page, person) => {
  await page.goto(`${BASE}/apm/traces?query=service%3Ashop&range=15m`);
  await person.click(page.getByRole("button", { name: "Group by" }));
  const field = page.getByRole("combobox", { name: "Add a field to group by" });
  await field.waitFor();
  await field.focus();
  await person.type("resource");
  await until("completion", () => page.getByRole("option", { name: /resource_name/ }).count());
  await page.keyboard.press("Enter");
  await until("count and p95 over time", async () => (await page.getByRole("img", { name: /GET \/items/ }).count()) >= 2);
  await person.click(page.getByRole("button", { name: "Table", exact: true }));
  const table = page.getByRole("table").or(page.getByRole("grid"));
  const text = await until("the table", async () => {
    const said = (await table.count()) > 0 ? await table.first().innerText() : "";
    return said.includes("GET /items/<int:item>") && said.includes("GET /report/<user>") ? said : null;
  });
  expect(/ms|s/.test(text), `durations in their unit: ${text}`);
  await person.click(page.getByRole("button", { name: "Save to dashboard" }));
  await person.click(page.getByRole("dialog").getByRole("button", { name: "Save" }));
  await until("the dashboard", () => page.url().includes("/dashboard/"));
  await until("its widget with the figures", async () => (await page.getByText("GET /report/<user>").count()) > 0);
  const id = new URL(page.url()).pathname.split("/").pop();
  const csrf = (await page.context().cookies()).find(({ name }) => name === "oriel_csrf").value;
  await page.request.delete(`${BASE}/api/v1/dashboard/${id}`, { headers: { "X-CSRF-Token": csrf } });
});
