/** Journey 1: from the link that `make run` prints to the host's own CPU, memory and disk: the link is the one click. */
import { BASE, chartLabel, expect, journey, login, until } from "../browser.mjs";

const link = process.env.ORIEL_LINK;

await journey(
  "1 a newcomer sees the host",
  { clicks: 1, typed: 0 },
  async (page, person) => {
    if (link) await page.goto(link);
    else {
      await login(page.context());
      await page.goto(BASE);
    }
    person.clicks += 1;
    await until("a page of ours", () => page.getByRole("navigation").count());
    for (const title of ["CPU", "Memory", "Disk"]) {
      const label = await until(`${title} on a chart`, async () => {
        const charts = page.getByRole("img", { name: new RegExp(`^${title}[^:]*: .*\\d`) });
        return (await charts.count()) > 0 ? charts.first().getAttribute("aria-label") : null;
      }, 60_000);
      expect(/\d/.test(label), `a value on ${title}`);
    }
    expect((await chartLabel(page, "CPU"))?.includes("user"), "CPU tells user from system");
  },
  { loggedIn: false },
);
