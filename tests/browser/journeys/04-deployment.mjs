/** Journey 4: from any dashboard over the deployment's marker to errors and latency before and after, side by side. */
import { BASE, expect, journey, until } from "../browser.mjs";

await journey("4 before and after a deployment", { clicks: 2, typed: 0 }, async (page, person) => {
  await page.goto(`${BASE}/dashboard/system?range=15m`);
  const marks = page.getByRole("button", { name: /shop.*1\.4\.3.*before and after/i });
  const mark = await until("the deployment marks a chart", async () => ((await marks.count()) > 0 ? marks.first() : null));
  await person.click(mark);
  const leads = page.getByRole("link", { name: /^Before and after.*1\.4\.3/ });
  if (await until("a way to the comparison", async () => (await leads.count()) > 0 || page.url().includes("/apm/services/")) && (await leads.count()) > 0) await person.click(leads.first());
  const sides = page.getByRole("region", { name: "Before and after" });
  await until("the comparison", () => sides.count());
  const text = await until("its figures", async () => {
    const said = await sides.innerText();
    return /error/i.test(said) && /p95|p50/i.test(said) && /ms/.test(said) ? said : null;
  });
  expect(/1\.4\.3/.test(text), `the version is named: ${text.slice(0, 200)}`);
});
