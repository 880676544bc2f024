/** Who is logged in, and the hosts of the mock. */
import { HOSTS } from "./catalog.mjs";
import { hash } from "./metrics.mjs";

const started = Date.now();
const ago = (seconds) => Date.now() - seconds * 1000;

export const me = () => ({
  user: { name: "admin" },
  org: { name: "default" },
  version: "0.1.0",
  hostname: "web-1",
  first_run: process.env.MOCK_FIRST === "1",
  now_ms: Date.now(),
});

const rowOf = (name) => ({
  name,
  last_seen_ms: name === "build-1" ? ago(4200) : ago(4),
  up: name !== "build-1",
  cpu_pct: name === "build-1" ? null : 12 + hash(name) * 80,
  mem_used_pct: name === "build-1" ? null : 30 + hash(`${name}m`) * 65,
  disk_used_pct: 20 + hash(`${name}d`) * 74,
  load_1: hash(`${name}l`) * 4,
  tags: ["env:prod", `role:${name.split("-")[0]}`, "region:eu-1"],
  checks: { ok: 6, warning: name === "db-2" ? 1 : 0, critical: name === "web-1" ? 1 : 0, unknown: 0 },
});

export const hosts = (search) => ({
  hosts: [...HOSTS, ...Array.from({ length: 120 }, (_, n) => `node-${n + 1}`)]
    .filter((name) => name.includes(search))
    .map(rowOf),
});

export function host(name) {
  const broken = Date.now() - started < 3_600_000;
  return {
    name,
    last_seen_ms: ago(3),
    up: true,
    meta: {
      platform: "Debian GNU/Linux 12",
      kernel: "6.1.0-28-amd64",
      cpu_cores: 8,
      cpu_model: "AMD EPYC 7B13",
      memory_total: 17179869184,
      agent_version: "0.1.0",
      python: "3.11.2",
    },
    tags_by_source: { "Oriel agent": ["env:prod", "role:web", "region:eu-1"], Users: ["owner:payments", "tier:1"] },
    service_checks: [
      { check: "postgres.can_connect", status: "ok", message: "", tags: ["db:app"], last_ms: ago(9) },
      {
        check: "http.can_connect",
        status: "critical",
        message: "connection refused: 127.0.0.1:9000",
        tags: ["url:http://127.0.0.1:9000"],
        last_ms: ago(11),
      },
      { check: "ntp.in_sync", status: "ok", message: "", tags: [], last_ms: ago(70) },
      {
        check: "disk.read_write",
        status: "warning",
        message: "/var is 91 % full",
        tags: ["device:/dev/vda1"],
        last_ms: ago(12),
      },
    ],
    agent_checks: [
      {
        name: "cpu",
        instance: null,
        status: "ok",
        message: null,
        file: null,
        line: null,
        hint: null,
        last_run_ms: ago(4),
        next_run_ms: ago(-11),
        interval_s: 15,
        runs: 4211,
        metrics: 7,
      },
      {
        name: "disk",
        instance: null,
        status: "ok",
        message: null,
        file: null,
        line: null,
        hint: null,
        last_run_ms: ago(6),
        next_run_ms: ago(-9),
        interval_s: 15,
        runs: 4211,
        metrics: 24,
      },
      {
        name: "postgres",
        instance: "localhost:5432",
        status: "warning",
        message: "pg_stat_statements is not installed: statement metrics are left out",
        file: null,
        line: null,
        hint: "CREATE EXTENSION pg_stat_statements; as a superuser.",
        last_run_ms: ago(2),
        next_run_ms: ago(-13),
        interval_s: 15,
        runs: 980,
        metrics: 61,
      },
      broken
        ? {
            name: "broken_import",
            instance: "0",
            status: "error",
            message: "ModuleNotFoundError: No module named 'requsts'",
            file: "/etc/oriel/checks.d/broken_import.py",
            line: 3,
            hint: "Did you mean `requests`? If it is right, install it: DATA/python/bin/pip install requsts",
            last_run_ms: ago(8),
            next_run_ms: ago(-7),
            interval_s: 15,
            runs: 12,
            metrics: 0,
          }
        : {
            name: "broken_import",
            instance: "0",
            status: "ok",
            message: null,
            file: null,
            line: null,
            hint: null,
            last_run_ms: ago(2),
            next_run_ms: ago(-13),
            interval_s: 15,
            runs: 13,
            metrics: 1,
          },
      {
        name: "my_metric",
        instance: "0",
        status: "pending",
        message: null,
        file: null,
        line: null,
        hint: null,
        last_run_ms: null,
        next_run_ms: ago(-30),
        interval_s: 45,
        runs: 0,
        metrics: 0,
      },
    ],
  };
}
