/**
 * `acceptance/dashboard.json`, posted as curl does, is drawn in the browser: three charts side by side, the anomaly band,
 * the single hourly bucket; and the values on the page are those of the API. Needs ORIEL_API_KEY and ORIEL_APP_KEY beside
 * what browser.mjs names. Sends the metrics itself, so that it runs on an empty server, unless ORIEL_LIVE says that an agent does.
 */
import { readFileSync } from "node:fs";
import { BASE, expect, journey, until } from "./browser.mjs";

const KEYS = { "DD-API-KEY": process.env.ORIEL_API_KEY ?? "", "DD-APPLICATION-KEY": process.env.ORIEL_APP_KEY ?? "", Cookie: "stray=1" };
const MINUTE_S = 60;
const POINTS = 50;
const QUERIES = {
  "The check, as it came": "my_metric{host:web-1}",
  "Tables in the database": "sum:postgresql.table_count{*}",
  "The check, summed by the hour": "sum:my_metric{*}.rollup(sum, 3600)",
};

async function api(method, path, body) {
  const answer = await fetch(BASE + path, { method, headers: { ...KEYS, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Gauges a minute apart up to now; the tables jump at the end, so that the band is left. */
async function send(nowS) {
  const points = (value) => Array.from({ length: POINTS }, (_, index) => ({ timestamp: nowS - (POINTS - index) * MINUTE_S, value: value(index) }));
  const gauge = (metric, tags, value) => ({ metric, type: 3, tags, resources: [{ type: "host", name: "web-1" }], points: points(value) });
  await api("POST", "/api/v2/series", {
    series: [gauge("my_metric", [], (index) => 400 + ((index * 37) % 200)), gauge("postgresql.table_count", ["db:app"], (index) => (index > POINTS - 5 ? 60 : 24 + (index % 3)))],
  });
}

async function lastByApi(query, fromS, toS) {
  const { series } = await api("GET", `/api/v1/query?from=${fromS}&to=${toS}&query=${encodeURIComponent(query)}`);
  const values = series[0].pointlist.map(([, value]) => value).filter((value) => value !== null);
  return values[values.length - 1];
}

const numberIn = (text) => {
  const match = /(-?[\d.]+)(k|M)?\s*\S*$/.exec(text.trim());
  return Number(match[1]) * ({ k: 1e3, M: 1e6 }[match[2]] ?? 1);
};

await journey("acceptance dashboard", { clicks: 0, typed: 0 }, async (page) => {
  const nowS = Math.floor(Date.now() / 1000);
  if (!process.env.ORIEL_LIVE) await send(nowS);
  const board = JSON.parse(readFileSync(new URL("../acceptance/dashboard.json", import.meta.url), "utf8"));
  const stored = await api("POST", "/api/v1/dashboard", board);
  const [fromS, toS] = [nowS - 3600, nowS];
  try {
    await page.goto(`${BASE}/dashboard/${stored.id}?from_ms=${fromS * 1000}&to_ms=${toS * 1000}`);
    for (const [title, query] of Object.entries(QUERIES)) {
      const chart = page.getByRole("img", { name: `${title}:` });
      const label = await until(`a value on "${title}"`, async () => (await chart.count()) > 0 && chart.first().getAttribute("aria-label"));
      const shown = numberIn(label);
      const wanted = await lastByApi(query, fromS, toS);
      expect(Math.abs(shown - wanted) <= Math.abs(wanted) * 0.005, `"${title}" shows ${wanted} as the API does, not ${shown}`);
    }
    const boxes = await Promise.all([0, 1, 2].map((index) => page.locator(`[data-widget="${index}"]`).boundingBox()));
    expect(boxes.every((box) => box.width > 300 && box.height > 150), "three charts of a useful size");
    expect(boxes[0].y === boxes[1].y && boxes[1].x > boxes[0].x && boxes[2].y > boxes[0].y, "two in the first row, one below");
  } finally {
    await api("DELETE", `/api/v1/dashboard/${stored.id}`);
  }
});
