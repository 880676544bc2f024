import { useMemo, useRef, useState, type PointerEvent, type WheelEvent } from "react";
import { useNavigate } from "react-router";
import type { ServiceMapAnswer } from "../api/services";
import { errorTone, msText, percentText, rateText } from "../apm/figures";
import { IconButton } from "../ui/Button";
import { around, layoutOf, NODE_HEIGHT, NODE_WIDTH, pathOf, type PlacedEdge, type PlacedNode } from "./layout";
import { useCamera } from "./useCamera";

interface Props {
  map: ServiceMapAnswer;
  link: (service: string) => string;
  /** A service that stands out, from the URL. */
  focus?: string;
  search?: string;
  /** In a page that scrolls, the wheel is the page's. */
  still?: boolean;
}

/** Below this number every edge bears its figures; above, those of the service under the pointer do. */
const LABELLED_MAX = 16;

export function MapView({ map, link, focus = "", search = "", still = false }: Props) {
  const layout = useMemo(() => layoutOf(map), [map]);
  const root = useRef<HTMLDivElement>(null);
  const camera = useCamera(root, layout.width, layout.height);
  const [hover, setHover] = useState<string | null>(null);
  const lit = useMemo(() => {
    if (hover) return around(layout.edges, hover);
    const word = search.trim().toLowerCase();
    if (word)
      return new Set(layout.nodes.map((node) => node.service).filter((name) => name.toLowerCase().includes(word)));
    return focus ? around(layout.edges, focus) : null;
  }, [layout, hover, search, focus]);
  const busiest = Math.max(1e-9, ...layout.edges.map((edge) => edge.hits_per_s));
  const drag = useRef<{ x: number; y: number } | null>(null);
  const move = (event: PointerEvent) => {
    if (!drag.current) return;
    camera.pan(event.clientX - drag.current.x, event.clientY - drag.current.y);
    drag.current = { x: event.clientX, y: event.clientY };
  };
  return (
    <div
      ref={root}
      className="map"
      onWheel={still ? undefined : (event: WheelEvent) => camera.wheel(event)}
      onPointerDown={(event) => {
        if ((event.target as Element).closest("a, button")) return;
        drag.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={() => (drag.current = null)}
      onDoubleClick={camera.fit}
    >
      <svg role="group" aria-label={`Service map: ${layout.nodes.length} services, ${layout.edges.length} connections`}>
        <defs>
          {["", "warn", "bad"].map((tone) => (
            <marker
              key={tone}
              id={`arrow-${tone}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0L8 4L0 8z" className={`map-arrow ${tone}`} />
            </marker>
          ))}
        </defs>
        <g transform={`translate(${camera.x} ${camera.y}) scale(${camera.scale})`}>
          {layout.edges.map((edge) => (
            <Edge
              key={`${edge.from}>${edge.to}`}
              edge={edge}
              busiest={busiest}
              faint={lit !== null && !(lit.has(edge.from) && lit.has(edge.to) && touches(edge, hover ?? focus))}
              labelled={
                hover
                  ? touches(edge, hover)
                  : layout.edges.length <= LABELLED_MAX || (focus !== "" && touches(edge, focus))
              }
            />
          ))}
          {layout.nodes.map((node) => (
            <Node
              key={node.service}
              node={node}
              to={link(node.service)}
              faint={lit !== null && !lit.has(node.service)}
              strong={node.service === focus}
              onHover={(on) => setHover(on ? node.service : null)}
            />
          ))}
        </g>
      </svg>
      <div className="map-tools">
        <IconButton icon="plus" label="Closer" onClick={() => camera.zoom(1.25)} />
        <IconButton icon="minus" label="Farther" onClick={() => camera.zoom(0.8)} />
        <IconButton icon="full" label="The whole map" onClick={camera.fit} />
      </div>
    </div>
  );
}

const touches = ({ from, to }: PlacedEdge, service: string | null) =>
  service === null || service === "" || from === service || to === service;

interface EdgeProps {
  edge: PlacedEdge;
  busiest: number;
  faint: boolean;
  labelled: boolean;
}

function Edge({ edge, busiest, faint, labelled }: EdgeProps) {
  const middle = edge.points[Math.floor(edge.points.length / 2)];
  const tone = errorTone(edge.error_rate);
  const label = `${rateText(edge.hits_per_s)} · ${msText(edge.p95_ms)}`;
  const failed = edge.error_rate > 0 ? ` · ${percentText(edge.error_rate)} errors` : "";
  return (
    <g className={faint ? "map-edge faint" : "map-edge"}>
      <title>{`${edge.from} to ${edge.to}: ${label} p95${failed}`}</title>
      <path
        d={pathOf(edge.points)}
        className={`map-line ${tone}`}
        strokeWidth={1 + 3 * Math.sqrt(edge.hits_per_s / busiest)}
        markerEnd={`url(#arrow-${tone})`}
      />
      {labelled && !faint && edge.from !== edge.to && (
        <text x={middle.x} y={middle.y - 5} className={`map-label ${tone}`}>
          {label}
          {edge.error_rate >= 0.01 ? ` · ${percentText(edge.error_rate)}` : ""}
        </text>
      )}
    </g>
  );
}

interface NodeProps {
  node: PlacedNode;
  to: string;
  faint: boolean;
  strong: boolean;
  onHover: (on: boolean) => void;
}

const NAME_CHARS = 23;

function Node({ node, to, faint, strong, onHover }: NodeProps) {
  const navigate = useNavigate();
  const tone = errorTone(node.error_rate);
  const { service } = node;
  return (
    <g transform={`translate(${node.x - NODE_WIDTH / 2} ${node.y - NODE_HEIGHT / 2})`}>
      <a
        href={to}
        className={`map-node ${faint ? "faint" : ""} ${strong ? "strong" : ""}`}
        aria-label={`${service}: ${rateText(node.hits_per_s)}, ${percentText(node.error_rate)} errors, p95 ${msText(node.p95_ms)}`}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          void navigate(to);
        }}
        onPointerEnter={() => onHover(true)}
        onPointerLeave={() => onHover(false)}
        onFocus={() => onHover(true)}
        onBlur={() => onHover(false)}
      >
        <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx="8" className={`map-box ${tone}`} />
        <rect width="4" height={NODE_HEIGHT - 16} x="0" y="8" rx="2" className={`map-tone ${tone}`} />
        <text x="14" y="21" className="map-name">
          {service.length > NAME_CHARS ? `${service.slice(0, NAME_CHARS - 1)}…` : service}
        </text>
        <text x="14" y="40" className="map-facts">
          {`${rateText(node.hits_per_s)} · ${msText(node.p95_ms)}`}
          {node.error_rate > 0 && (
            <tspan className={`map-errors ${tone}`}>{` · ${percentText(node.error_rate)}`}</tspan>
          )}
        </text>
      </a>
    </g>
  );
}
