/** A dev tool: the page API on generated data, so that pages can be worked on without a server. Never part of a build. */
import { CONFIG_ROUTES } from "./config.mjs";
import { dashboards } from "./dashboards.mjs";
import { query } from "./metrics.mjs";
import { complete, metric, metrics, tagValues } from "./names.mjs";
import { host, hosts, me } from "./pages.mjs";
import { rowFrames } from "./rows-groups.mjs";
import { ROW_ROUTES, tail } from "./rows.mjs";
import { compare, heatmap } from "./heat.mjs";
import { resourceSummary, service, serviceMap, services } from "./services.mjs";
import { span, trace } from "./traces.mjs";
import { events, keys, settings, setup } from "./server.mjs";

const COOKIES = ["oriel_session=mock; Path=/; HttpOnly; SameSite=Lax", "oriel_csrf=mock-token; Path=/; SameSite=Lax"];

function send(res, status, body, headers = {}) {
  res.writeHead(status, { "Content-Type": "application/json", ...headers });
  res.end(JSON.stringify(body));
}

/** Widgets about rows beside those about metrics. */
function framesOf(body) {
  const rows = body.queries.filter((each) => each.search);
  if (rows.length === 0) return query(body);
  const asked = body.formulas?.length ? body.formulas.map(({ formula }) => formula) : rows.map(({ name }) => name);
  const results = asked.map((name) => rowFrames(rows.find((each) => each.name === name) ?? rows[0], body, name));
  return { results, elapsed_ms: 3 };
}

async function bodyOf(req) {
  const parts = [];
  for await (const part of req) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString()) : {};
}

/** [method, path pattern, handler(match, params, body) → body or {status, body}] */
const ROUTES = [
  ["GET", /^\/api\/ui\/me$/, () => me()],
  ["POST", /^\/api\/ui\/query$/, (_m, _p, body) => framesOf(body)],
  ["GET", /^\/api\/ui\/complete$/, (_m, p) => complete(p.get("text") ?? "", Number(p.get("cursor")))],
  ["GET", /^\/api\/ui\/metrics$/, (_m, p) => metrics(p)],
  ["GET", /^\/api\/ui\/metrics\/(.+)$/, (m) => metric(decodeURIComponent(m[1]))],
  ["GET", /^\/api\/ui\/tags$/, (_m, p) => tagValues(p.get("key"), p.get("search") ?? "")],
  ["GET", /^\/api\/ui\/hosts$/, (_m, p) => hosts(p.get("search") ?? "")],
  ["GET", /^\/api\/ui\/hosts\/(.+)$/, (m) => host(decodeURIComponent(m[1]))],
  ["GET", /^\/api\/ui\/setup$/, () => setup()],
  ["GET", /^\/api\/ui\/keys$/, () => keys.list()],
  ["POST", /^\/api\/ui\/keys$/, (_m, _p, body) => keys.create(body)],
  ["DELETE", /^\/api\/ui\/keys\/(.+)$/, (m) => keys.revoke(m[1])],
  ["GET", /^\/api\/ui\/settings$/, () => settings()],
  ["GET", /^\/api\/v1\/events$/, (_m, p) => events(Number(p.get("start")), Number(p.get("end")))],
  ["GET", /^\/api\/v1\/dashboard$/, () => dashboards.list()],
  ["POST", /^\/api\/v1\/dashboard$/, (_m, _p, body) => dashboards.create(body)],
  ["GET", /^\/api\/v1\/dashboard\/(.+)$/, (m) => dashboards.read(m[1])],
  ["PUT", /^\/api\/v1\/dashboard\/(.+)$/, (m, _p, body) => dashboards.write(m[1], body)],
  ["DELETE", /^\/api\/v1\/dashboard\/(.+)$/, (m) => dashboards.remove(m[1])],
  ["GET", /^\/api\/ui\/traces\/(\w+)$/, (m) => trace(m[1])],
  ["GET", /^\/api\/ui\/traces\/(\w+)\/spans\/(\w+)$/, (m) => span(m[1], m[2])],
  ["GET", /^\/api\/ui\/services$/, (_m, p) => services(p)],
  ["GET", /^\/api\/ui\/services\/([^/]+)$/, (m, p) => service(decodeURIComponent(m[1]), p)],
  ["GET", /^\/api\/ui\/services\/([^/]+)\/resources\/summary$/, (m, p) => resourceSummary(decodeURIComponent(m[1]), p)],
  ["GET", /^\/api\/ui\/service-map$/, (_m, p) => serviceMap(p)],
  ["POST", /^\/api\/ui\/rows\/heatmap$/, (_m, _p, body) => heatmap(body)],
  ["POST", /^\/api\/ui\/rows\/compare$/, (_m, _p, body) => compare(body)],
  ...ROW_ROUTES,
  ...CONFIG_ROUTES,
];

async function answer(req, res) {
  const url = new URL(req.url, "http://mock");
  if (url.pathname === "/api/ui/login") {
    const { password } = await bodyOf(req);
    if (password !== "oriel") return send(res, 401, { errors: ["user or password is wrong"] });
    return send(res, 200, { user: { name: "admin" }, org: { name: "default" } }, { "Set-Cookie": COOKIES });
  }
  if (url.pathname === "/api/ui/logout")
    return send(res, 200, {}, { "Set-Cookie": "oriel_session=; Path=/; Max-Age=0" });
  if (!/oriel_session=mock/.test(req.headers.cookie ?? ""))
    return send(res, 401, { errors: ["not logged in; POST /api/ui/login"] });
  if (req.method !== "GET" && req.headers["x-csrf-token"] !== "mock-token")
    return send(res, 403, { errors: ["X-CSRF-Token is missing"] });
  if (url.pathname === "/api/ui/rows/tail") return tail(url.searchParams, req, res);
  for (const [method, pattern, handler] of ROUTES) {
    const match = method === req.method && pattern.exec(url.pathname);
    if (!match) continue;
    const body = ["POST", "PUT", "PATCH"].includes(req.method) ? await bodyOf(req) : {};
    const result = handler(match, url.searchParams, body);
    if (result && "status" in result && "body" in result) return send(res, result.status, result.body);
    return send(res, 200, result);
  }
  send(res, 404, { errors: [`no such path: ${url.pathname}`] });
}

export function mock() {
  return {
    name: "oriel-mock",
    configureServer(server) {
      server.middlewares.use((req, res, next) => {
        if (!req.url.startsWith("/api/")) return next();
        const slow = Number(process.env.MOCK_DELAY_MS ?? 40);
        setTimeout(() => answer(req, res).catch((error) => send(res, 500, { errors: [String(error)] })), slow);
      });
    },
  };
}
