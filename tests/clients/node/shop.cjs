/** A small shop on Express under `dd-trace`. Usage: node shop.cjs MODULES PORT; the tracer reads DD_… variables. */
const { createRequire } = require("node:module");
const [, , modules, port] = process.argv;
const load = createRequire(`${modules}/`);
const tracer = load("dd-trace").init({ flushInterval: 200, runtimeMetrics: false });
const express = load("express");

const app = express();
app.get("/orders/:id", (request, response) => {
  tracer.trace("postgres.query", { resource: "SELECT * FROM orders WHERE id = $1", type: "sql", tags: { "db.system": "postgresql" } }, () => {});
  response.json({ id: request.params.id });
});
app.get("/broken", () => {
  throw new Error("the till is jammed");
});
app.listen(Number(port), "127.0.0.1");
