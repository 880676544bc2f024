/** Journey 5: from a spike on a chart to the slow trace of that moment, its SQL statement, its log line and the host it ran on. */
import { BASE, expect, journey, until } from "../browser.mjs";

const at = Number(process.env.ORIEL_SPIKE_MS);
const statement = "JOIN items AS b";

await journey("5 from a spike to the SQL", { clicks: 4, typed: 0 }, async (page, person) => {
  const range = { from: at - 5 * 60_000, to: at + 5 * 60_000 };
  await page.goto(`${BASE}/apm/services/shop?from_ms=${range.from}&to_ms=${range.to}`);
  const chart = page.getByRole("img", { name: /^Latency: .*\d/ }).first();
  await until("the latency chart", () => chart.count());
  const plot = chart.locator(".u-over");
  const box = await until("its plot", async () => (await plot.count()) > 0 && plot.boundingBox());
  const x = box.x + (box.width * (at - range.from)) / (range.to - range.from);
  await person.click({ click: () => page.mouse.click(x, box.y + box.height * 0.2) });
  await person.click(page.getByRole("link", { name: /^Traces of this moment/ }));
  const slowest = page.getByRole("grid", { name: /spans/i }).getByRole("row").filter({ hasText: "/report/" }).first();
  await until("the slow trace leads the list", () => slowest.count());
  await person.click(slowest);
  // A row opens its span beside the list, or its trace at once.
  const open = page.getByRole("link", { name: /Open (the )?trace/ });
  const tree = page.getByRole("tree", { name: /^Spans of the trace/ });
  await until("the span or its trace", async () => (await open.count()) > 0 || (await tree.count()) > 0);
  if ((await tree.count()) === 0) await person.click(open.first());
  await until("the waterfall", () => tree.count());
  const sql = page.getByRole("treeitem", { name: new RegExp(statement) });
  await until("the SQL statement in the waterfall", () => sql.count());
  const panel = page.getByRole("complementary", { name: /^Span / });
  await until("the log line", async () => (await panel.count()) > 0 && (await panel.innerText()).includes("the report took long"));
  await until("the host", async () => (await panel.innerText()).includes("test-host"));
  expect((await page.getByRole("img", { name: /CPU|Load|Memory/i }).count()) > 0, "a chart of the host at that moment");
});
