import { expect, test } from "vitest";
import { around, layoutOf, NODE_HEIGHT, NODE_WIDTH, part, pathOf } from "./layout";
import { fitted, zoomedAt } from "./useCamera";

const node = (service: string) => ({ service, type: "web", hits_per_s: 1, error_rate: 0, p95_ms: 1 });
const edge = (from: string, to: string) => ({ from, to, hits_per_s: 1, error_rate: 0, p95_ms: 1 });
const MAP = {
  nodes: ["web", "app", "db", "queue", "lonely"].map(node),
  edges: [
    edge("web", "app"),
    edge("app", "db"),
    edge("db", "app"),
    edge("app", "app"),
    edge("app", "queue"),
    edge("x", "y"),
  ],
};

test("callers stand left of what they call; rings, loops and unknown names do no harm", () => {
  const { nodes, edges } = layoutOf(MAP);
  const at = new Map(nodes.map((each) => [each.service, each]));
  expect(at.get("web")!.x).toBeLessThan(at.get("app")!.x);
  expect(at.get("app")!.x).toBeLessThan(at.get("queue")!.x);
  expect(edges).toHaveLength(5);
  expect(edges.every(({ points }) => points.length > 1)).toBe(true);
});

test("no two services lie on each other, and all are within the drawing", () => {
  const { nodes, width, height } = layoutOf({
    nodes: [...MAP.nodes, ...Array.from({ length: 9 }, (_, n) => node(`n${n}`))],
    edges: MAP.edges,
  });
  for (const [index, a] of nodes.entries()) {
    expect(a.x + NODE_WIDTH / 2).toBeLessThanOrEqual(width + 1);
    expect(a.y + NODE_HEIGHT / 2).toBeLessThanOrEqual(height + 1);
    for (const b of nodes.slice(index + 1))
      expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
  }
});

test("an empty map and one without edges can be drawn", () => {
  expect(layoutOf({ nodes: [], edges: [] }).nodes).toEqual([]);
  expect(layoutOf({ nodes: [node("a")], edges: [] }).nodes).toHaveLength(1);
  expect(pathOf([])).toBe("");
});

test("a service's neighbourhood", () => {
  expect([...around(MAP.edges, "db")].sort()).toEqual(["app", "db"]);
  expect(part(MAP, "web").nodes.map(({ service }) => service)).toEqual(["web", "app"]);
});

test("the camera fits the map and keeps the point under the pointer", () => {
  const camera = fitted(1000, 500, 500, 500);
  expect(camera.scale).toBe(0.5);
  const closer = zoomedAt(camera, 2, 100, 100);
  expect((100 - closer.x) / closer.scale).toBeCloseTo((100 - camera.x) / camera.scale);
});
