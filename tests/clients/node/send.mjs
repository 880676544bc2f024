// Sends each kind once with hot-shots to 127.0.0.1:PORT. usage: node send.mjs MODULES PORT
import { createRequire } from "node:module";

const [modules, port] = process.argv.slice(2);
const StatsD = createRequire(`${modules}/`)("hot-shots");
const client = new StatsD({ host: "127.0.0.1", port: Number(port), globalTags: { via: "hot-shots" }, errorHandler: fail });

function fail(error) {
  console.error(error);
  process.exitCode = 1;
}

client.increment("hs.count", 3);
client.decrement("hs.count", 1);
client.gauge("hs.gauge", 12.5, ["a:b"]);
client.histogram("hs.histogram", 7);
client.distribution("hs.distribution", 9);
client.timing("hs.timing", 120);
client.set("hs.set", "x");
client.set("hs.set", "y");
client.event("hot event", "größer | text", { alert_type: "warning" });
client.check("hs.check", client.CHECKS.OK, { message: "fine" });
client.close((error) => error && fail(error));
