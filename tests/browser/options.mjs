/** The editors write what their fields say and leave all else as it was; the mute of a notice is reached by keys alone. */
import { BASE, expect, journey, until } from "./browser.mjs";

const many = { clicks: 40, typed: 400 };
const get = async (page, path) => (await page.request.get(BASE + path)).json();

async function post(page, path, data) {
  const csrf = (await page.context().cookies()).find(({ name }) => name === "oriel_csrf").value;
  const answer = await page.request.post(BASE + path, { data, headers: { "X-CSRF-Token": csrf } });
  expect(answer.ok(), `${path}: ${await answer.text()}`);
  return answer.json();
}

await journey("options of a monitor", many, async (page) => {
  const options = {
    thresholds: { critical: 800, warning: 500, critical_recovery: 700 },
    renotify_interval: 30,
    renotify_statuses: ["alert"],
    notify_by: ["host"],
    synthetics_check_id: "kept",
    scheduling_options: { evaluation_window: { day_starts: "04:00", timezone: "Asia/Tokyo" } },
  };
  const query = "avg(last_5m):avg:checkout.latency{env:prod} by {host} > 800";
  const made = await post(page, "/api/v1/monitor", { name: "with options", type: "query alert", query, message: "m", tags: ["a:b"], options });
  const before = await get(page, `/api/v1/monitor/${made.id}`);
  await page.goto(`${BASE}/monitors/${made.id}/edit`);
  await page.getByRole("button", { name: "Change the options" }).click();
  await page.getByRole("button", { name: "at set times" }).click();
  await page.getByLabel("First at").fill("2026-11-20T09:13");
  await page.getByLabel("Time zone").selectOption("Europe/Berlin");
  await page.getByLabel("Groups are kept").selectOption("6h");
  await page.getByLabel("Resolved without data after").selectOption("4");
  await page.getByLabel("A notice holds").selectOption("hide_query");
  await page.getByRole("checkbox", { name: /A draft/ }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/monitors\/\d+$/);
  const after = await get(page, `/api/v1/monitor/${made.id}`);
  const recurrence = { rrule: "FREQ=DAILY;INTERVAL=1", timezone: "Europe/Berlin", start: "2026-11-20T09:13" };
  const wanted = {
    ...before.options,
    group_retention_duration: "6h",
    timeout_h: 4,
    notification_preset_name: "hide_query",
    scheduling_options: { ...options.scheduling_options, custom_schedule: { recurrences: [recurrence] } },
  };
  const sorted = (value) => JSON.stringify(Object.entries(value).sort());
  expect(sorted(after.options) === sorted(wanted), `the options are ${JSON.stringify(after.options)}`);
  expect(after.draft_status === "draft" && after.query === query && after.message === "m", "a draft, and the rest as it was");
  await until("the page says when it is evaluated", async () => (await page.getByRole("main").innerText()).includes("at set times"));
});

await journey("what the end of a downtime tells", many, async (page) => {
  const attributes = {
    scope: "host:web-9",
    monitor_identifier: { monitor_tags: ["team:nobody"] },
    schedule: { start: "2036-01-01T10:00:12Z", end: "2036-01-01T12:00:34Z" },
    notify_end_types: ["canceled"],
    display_timezone: "Asia/Tokyo",
  };
  const made = (await post(page, "/api/v2/downtime", { data: { type: "downtime", attributes } })).data;
  const before = (await get(page, `/api/v2/downtime/${made.id}`)).data.attributes;
  await page.goto(`${BASE}/monitors/downtimes?edit=${made.id}`);
  const dialog = page.getByRole("dialog", { name: "Edit the downtime" });
  await dialog.getByRole("checkbox", { name: "warning" }).uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const after = (await get(page, `/api/v2/downtime/${made.id}`)).data.attributes;
  expect(!after.notify_end_states.includes("warn") && after.notify_end_states.length === 2, "warnings are not told");
  for (const field of ["scope", "schedule", "notify_end_types", "display_timezone", "message"])
    expect(JSON.stringify(after[field]) === JSON.stringify(before[field]), `${field} is as it was, not ${JSON.stringify(after[field])}`);
});

await journey("muted by keys alone", many, async (page) => {
  const id = process.env.ORIEL_MONITOR;
  const now = Date.now() + 7_200_000;
  const { transitions } = await get(page, `/api/ui/monitors/${id}/history?from_ms=${now - 21_600_000}&to_ms=${now}`);
  const { at_ms, group, notice_key } = transitions.find(({ to, notice_key: key }) => to === "Alert" && key);
  await page.goto(`${BASE}/monitors/${id}?${new URLSearchParams({ group, at: String(at_ms), notice: notice_key })}`);
  const pane = page.getByRole("region", { name: "What the notice is about" });
  const button = (name) => pane.getByRole("button", { name, exact: true });
  await button("Mute for an hour").or(button("Unmute")).first().waitFor();
  if (await button("Unmute").count()) await button("Unmute").click();
  await button("Mute for an hour").waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  for (let presses = 0; (await focused()) !== "Mute for an hour"; presses++) {
    expect(presses < 60, "the mute is reached within 60 presses of Tab");
    await page.keyboard.press("Tab");
  }
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  expect(ring !== "none", "what has the focus is seen");
  await page.keyboard.press("Enter");
  await until("it is muted", () => page.getByText(/Muted until/).count());
  await button("Unmute").click();
  await button("Mute for an hour").waitFor();
});
