/**
 * What real clients sent, seen in the pages: the waterfall with its SQL, the failed span with its stack, the log line with its trace.
 * ORIEL_SEEN is a JSON list of {service, sql?: {find, text}, stack?, line?: {text, trace?}}.
 */
import { BASE, expect, journey, until } from "./browser.mjs";

const keys = { "DD-API-KEY": process.env.ORIEL_API_KEY, "DD-APPLICATION-KEY": process.env.ORIEL_APP_KEY };
const seen = JSON.parse(process.env.ORIEL_SEEN);

async function first(page, signal, query) {
  const now = Date.now();
  const data = { signal, query, from_ms: now - 3_600_000, to_ms: now + 60_000, limit: 1 };
  const { rows } = await (await page.request.post(`${BASE}/api/ui/rows/search`, { data, headers: keys })).json();
  expect(rows?.length === 1, `a row of ${query}`);
  return rows[0];
}

for (const { service, sql, stack, line } of seen) {
  await journey(`${service} is seen`, { clicks: 3, typed: 0 }, async (page, person) => {
    if (sql) {
      const span = await first(page, "spans", sql.find);
      await page.goto(`${BASE}/apm/trace/${span.trace_id}?span=${span.span_id}`);
      await until("the waterfall", () => page.getByRole("tree", { name: /^Spans of the trace/ }).count());
      const panel = page.getByRole("complementary", { name: /^Span / });
      await until(`the statement ${sql.text}`, async () => (await panel.count()) > 0 && (await panel.innerText()).replace(/\s+/g, " ").includes(sql.text));
    }
    if (stack) {
      const span = await first(page, "spans", `service:${service} status:error @error.stack:*`);
      await page.goto(`${BASE}/apm/trace/${span.trace_id}?span=${span.span_id}`);
      const fault = page.getByRole("region", { name: "Error" });
      await until("the stack", async () => (await fault.count()) > 0 && (await fault.innerText()).includes(stack));
    }
    if (line) {
      await page.goto(`${BASE}/logs?query=${encodeURIComponent(`service:${service}`)}&range=1h`);
      const row = page.getByRole("grid", { name: /logs/i }).getByRole("row").filter({ hasText: line.text }).first();
      await until("the line", () => row.count());
      if (line.trace) {
        await person.click(row);
        const link = page.getByRole("link", { name: /trace/i }).filter({ hasText: /trace/i });
        const ways = await until("a way to its trace", async () => {
          const all = await link.all();
          for (const each of all) if ((await each.getAttribute("href"))?.includes("/apm/trace/")) return each;
          return null;
        });
        await person.click(ways);
        await until("its trace", () => page.getByRole("tree", { name: /^Spans of the trace/ }).count());
      }
    }
  });
}
