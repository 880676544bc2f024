/** Places of services: callers to the left of what they call. Dagre orders the layers; what has no edge is lined up below. */
import { graphlib, layout } from "@dagrejs/dagre";
import type { MapEdge, MapNode, ServiceMapAnswer } from "../api/services";

export const NODE_WIDTH = 178;
export const NODE_HEIGHT = 54;
const GAP = 22;

export interface PlacedNode extends MapNode {
  x: number;
  y: number;
}

export interface PlacedEdge extends MapEdge {
  points: { x: number; y: number }[];
}

export interface Layout {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  width: number;
  height: number;
}

export function layoutOf({ nodes, edges }: ServiceMapAnswer): Layout {
  const known = new Map(nodes.map((node) => [node.service, node]));
  const real = edges.filter(({ from, to }) => known.has(from) && known.has(to));
  const tied = new Set(real.flatMap(({ from, to }) => [from, to]));
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 26, ranksep: 140, marginx: 24, marginy: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const service of [...tied].sort()) graph.setNode(service, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { from, to } of real) if (from !== to) graph.setEdge(from, to);
  if (tied.size > 0) layout(graph);
  const size = tied.size > 0 ? graph.graph() : {};
  const width = Math.max(size.width ?? 0, 480);
  const placed = [...tied].map((service): PlacedNode => {
    const { x, y } = graph.node(service) as { x: number; y: number };
    return { ...known.get(service)!, x, y };
  });
  const alone = nodes.filter(({ service }) => !tied.has(service));
  const columns = Math.max(1, Math.floor((width - GAP) / (NODE_WIDTH + GAP)));
  const top = (tied.size > 0 ? (size.height ?? 0) : 0) + GAP;
  for (const [index, node] of alone.entries()) {
    placed.push({
      ...node,
      x: GAP + NODE_WIDTH / 2 + (index % columns) * (NODE_WIDTH + GAP),
      y: top + NODE_HEIGHT / 2 + Math.floor(index / columns) * (NODE_HEIGHT + GAP),
    });
  }
  const rows = Math.ceil(alone.length / columns);
  const at = new Map(placed.map((node) => [node.service, node]));
  return {
    nodes: placed,
    edges: real.map((edge) => ({ ...edge, points: pointsOf(graph, edge, at) })),
    width,
    height: rows > 0 ? top + rows * (NODE_HEIGHT + GAP) : (size.height ?? NODE_HEIGHT + 2 * GAP),
  };
}

function pointsOf(graph: InstanceType<typeof graphlib.Graph>, { from, to }: MapEdge, at: Map<string, PlacedNode>) {
  if (from === to) {
    // A service that calls itself: a loop over its head.
    const { x, y } = at.get(from)!;
    const top = y - NODE_HEIGHT / 2;
    return [
      { x: x + 18, y: top },
      { x: x + 18, y: top - 18 },
      { x: x - 18, y: top - 18 },
      { x: x - 18, y: top },
    ];
  }
  return (graph.edge(from, to) as { points: { x: number; y: number }[] }).points;
}

/** A smooth line through the points that dagre bends an edge at. */
export function pathOf(points: { x: number; y: number }[]): string {
  if (points.length === 0) return "";
  const [first, ...rest] = points;
  let path = `M${first.x.toFixed(1)} ${first.y.toFixed(1)}`;
  for (let index = 0; index < rest.length - 1; index++) {
    const here = rest[index];
    const next = rest[index + 1];
    path += `Q${here.x.toFixed(1)} ${here.y.toFixed(1)} ${((here.x + next.x) / 2).toFixed(1)} ${((here.y + next.y) / 2).toFixed(1)}`;
  }
  const last = rest.at(-1);
  return last ? `${path}L${last.x.toFixed(1)} ${last.y.toFixed(1)}` : path;
}

/** A service with all that it reaches and all that reach it directly. */
export function around(edges: MapEdge[], service: string): Set<string> {
  const found = new Set([service]);
  for (const { from, to } of edges) {
    if (from === service) found.add(to);
    if (to === service) found.add(from);
  }
  return found;
}

/** The neighbourhood of one service as a map of its own. */
export function part({ nodes, edges }: ServiceMapAnswer, service: string): ServiceMapAnswer {
  const kept = around(edges, service);
  return {
    nodes: nodes.filter((node) => kept.has(node.service)),
    edges: edges.filter(({ from, to }) => from === service || to === service),
  };
}
