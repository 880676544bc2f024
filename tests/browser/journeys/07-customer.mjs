/** Journey 7: a customer's id, typed once into the palette, finds every trace, slowest first, and every log line of the last day. */
import { BASE, expect, journey, until } from "../browser.mjs";

const user = "u-0815";

await journey("7 a customer's id", { clicks: 2, typed: user.length }, async (page, person) => {
  await page.goto(`${BASE}/dashboards`);
  await until("the page", () => page.getByRole("navigation").count());
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Go to a page/ }).waitFor();
  await person.type(user);
  await person.click(page.getByRole("option", { name: /Search traces for/ }));
  const rows = page.getByRole("grid", { name: /spans/i }).getByRole("row");
  const first = await until("the customer's traces", async () => ((await rows.count()) > 2 ? rows.nth(1).innerText() : null));
  expect(first.includes("/report/"), `the slow request first: ${first}`);
  expect(new URL(page.url()).searchParams.get("query").includes(user), "the search is in the URL");
  await person.click(page.getByRole("link", { name: /Logs of this search/ }));
  const lines = page.getByRole("grid", { name: /logs/i }).getByRole("row").filter({ hasText: "the report took long" });
  await until("the customer's lines", () => lines.count());
});
