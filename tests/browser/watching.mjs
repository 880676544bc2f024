/** The pages about watching do what they say: a downtime, an objective with its pair of monitors, a channel, mail, a synthetic test, deliveries. */
import { BASE, expect, journey, until } from "./browser.mjs";

const id = process.env.ORIEL_MONITOR;
const many = { clicks: 60, typed: 1_000 };

await journey("a downtime is set and canceled", many, async (page) => {
  await page.goto(`${BASE}/monitors/downtimes?new=1`);
  const dialog = page.getByRole("dialog", { name: "New downtime" });
  await dialog.getByRole("textbox", { name: /Groups of them/ }).fill("host:web-1");
  await dialog.getByRole("textbox", { name: /Tags that the monitors have/ }).fill("team:shop");
  await until("the monitor that it silences", () => dialog.getByText("checkout is slow").count());
  await dialog.getByRole("textbox", { name: /Message/ }).fill("quiet, please");
  await dialog.getByRole("button", { name: "Set it" }).click();
  const row = page.getByRole("row").filter({ hasText: "quiet, please" });
  await until("its row", () => row.count());
  expect((await row.innerText()).includes("host:web-1"), "its scope");
  await row.getByRole("button", { name: /Cancel/ }).click();
  await page.getByRole("button", { name: "Cancel it" }).click();
  await until("it is gone", async () => (await row.count()) === 0);
  await page.goto(`${BASE}/monitors/downtimes?new=1`);
  await dialog.getByRole("button", { name: "Again and again" }).click();
  await dialog.getByRole("button", { name: "Sat" }).click();
  await until("its next five times", async () => (await dialog.locator(".occurrences li").count()) === 5);
});

await journey("an objective and its burn-rate monitors", many, async (page) => {
  await page.goto(`${BASE}/slos/new?range=4h`);
  const write = async (label, text) => {
    await page.getByRole("textbox", { name: label }).click();
    await page.keyboard.insertText(text);
    await page.keyboard.press("Escape");
  };
  await write("Good events", "count:checkout.latency{host:web-2}");
  await write("All events", "count:checkout.latency{env:prod}");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Checkout of web-2");
  await until("the level in the preview", async () => /\d+(\.\d+)? %/.test(await page.getByRole("region", { name: "Preview" }).innerText()));
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/slos\/(?!new)/);
  await until("its window", () => page.getByRole("region", { name: "Over 30 days" }).count());
  await page.getByRole("button", { name: "Add burn-rate monitors" }).click();
  await page.getByRole("button", { name: "Add 2 monitors" }).click();
  await until("both", async () => (await page.getByRole("dialog", { name: "Watched from now on" }).getByRole("link").count()) === 2);
  await page.goto(`${BASE}/slos`);
  await until("its row", () => page.getByRole("link", { name: "Checkout of web-2" }).count());
});

await journey("a channel and mail are tested", many, async (page) => {
  await page.goto(`${BASE}/settings/notifications`);
  await page.getByRole("button", { name: "Add a channel" }).click();
  await page.getByRole("menuitem", { name: "Slack" }).click();
  const dialog = page.getByRole("dialog", { name: "Slack: new channel" });
  await dialog.getByRole("textbox", { name: /^Name messages/ }).fill("ops");
  await dialog.getByLabel(/webhook URL/i).fill("http://127.0.0.1:9/nobody");
  await dialog.getByRole("button", { name: "Save" }).click();
  const slack = page.getByRole("region", { name: "Slack" });
  await until("its handle", () => slack.getByText("@slack-ops").count());
  await slack.getByRole("button", { name: "Test" }).click();
  await until("why it was not sent", () => slack.getByRole("alert").count());
  await slack.getByRole("button", { name: "Edit ops" }).click();
  const edited = page.getByRole("dialog", { name: "Slack: ops" });
  expect((await edited.getByLabel(/webhook URL/i).inputValue()) === "", "a secret is not shown");
  await edited.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("textbox", { name: "Send a test to" }).fill("you@example.com");
  await page.getByRole("button", { name: "Send a test" }).click();
  await until("the mail is sent", () => page.getByRole("region", { name: "Mail" }).getByRole("status").filter({ hasText: "Sent" }).count());
});

await journey("a synthetic test is made", many, async (page) => {
  await page.goto(`${BASE}/synthetics?edit=new`);
  const dialog = page.getByRole("dialog", { name: "New synthetic test" });
  await dialog.getByRole("textbox", { name: "URL" }).fill(`${BASE}/health`);
  await dialog.getByRole("textbox", { name: "Name" }).fill("Oriel answers");
  await dialog.getByRole("button", { name: "Start it" }).click();
  const row = page.getByRole("row").filter({ hasText: "Oriel answers" });
  await until("its row", () => row.count());
  await row.click();
  await until("its pane", () => page.getByRole("complementary", { name: "Test Oriel answers" }).count());
});

await journey("deliveries, and a notice as it was sent", many, async (page) => {
  await page.goto(`${BASE}/monitors/deliveries?state=sent`);
  await page.getByRole("button", { name: /Triggered.* checkout is slow/ }).first().click();
  const dialog = page.getByRole("dialog", { name: /checkout is slow/ });
  const mail = dialog.frameLocator("iframe");
  await until("the mail", () => mail.getByText("restart the payment gateway").count());
  await dialog.getByRole("link", { name: "Open the moment" }).click();
  await page.waitForURL(new RegExp(`/monitors/${id}\\?`));
});

await journey("widgets of monitors are made in the editor", many, async (page) => {
  const csrf = (await page.context().cookies()).find(({ name }) => name === "oriel_csrf").value;
  const data = { title: "alerts", layout_type: "ordered", widgets: [] };
  const board = await (await page.request.post(`${BASE}/api/v1/dashboard`, { data, headers: { "X-CSRF-Token": csrf } })).json();
  await page.goto(`${BASE}/dashboard/${board.id}?range=1h`);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const add = async (type, fill) => {
    await page.getByRole("button", { name: "Widget", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Add a widget" });
    await dialog.getByRole("button", { name: type }).click();
    await fill(dialog);
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
  };
  const pick = (dialog) => dialog.getByRole("list", { name: "Monitors" }).getByRole("button", { name: /checkout is slow/ }).click();
  await add("Monitor graph", pick);
  await add("Monitor value", pick);
  await add("Monitor summary", async () => {});
  await page.getByRole("button", { name: "Save" }).click();
  await until("the graph", () => page.getByRole("img", { name: /checkout is slow: .*\d/ }).count());
  await until("the value", () => page.getByRole("link", { name: /checkout is slow|Monitor \d+: .*\d.*(Alert|OK)/ }).count());
  await until("the counts", () => page.getByRole("link", { name: /^\d+\s*(Alert|OK)$/ }).count());
  const stored = await (await page.request.get(`${BASE}/api/v1/dashboard/${board.id}`)).json();
  expect(stored.widgets.map(({ definition }) => definition.type).join() === "alert_graph,alert_value,manage_status", "their types");
  expect(stored.widgets[0].definition.alert_id === id, "the monitor's id as text");
});
