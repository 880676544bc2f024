/** A small set of 16 px line icons, drawn on one grid. */

const PATHS = {
  dashboards: "M2.5 2.5h5v6h-5zM9.5 2.5h4v3.5h-4zM9.5 8h4v5.5h-4zM2.5 10.5h5v3h-5z",
  explore: "M2 13.5h12M3 10.5l3-4 3 2.5 4-6",
  metrics: "M2.5 3.5h11M2.5 8h11M2.5 12.5h7",
  services: "M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM2.7 5L8 8l5.3-3M8 8v6",
  traces: "M2 3.5h8M4.5 8H12M8 12.5h6",
  map: "M3.5 6a1.8 1.8 0 1 0 .01 0M12.5 2.2a1.8 1.8 0 1 0 .01 0M12.5 10.2a1.8 1.8 0 1 0 .01 0M5.2 7l5.6-2.4M5.2 8.6l5.6 2.6",
  hosts: "M3 2.5h10v4.5H3zM3 9h10v4.5H3zM5.5 4.75h.01M5.5 11.25h.01M8 4.75h3M8 11.25h3",
  settings:
    "M2 4.5h6M11.5 4.5H14M2 11.5h2.5M8 11.5h6M8 4.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M4.5 11.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0",
  setup: "M8 2v8M4.8 7L8 10.2 11.2 7M2.5 13.5h11",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.5 10.5l3.5 3.5",
  clock: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M8 4.8V8l2.2 1.6",
  play: "M5 3l8 5-8 5z",
  pause: "M5.5 3v10M10.5 3v10",
  refresh: "M13 8a5 5 0 1 1-1.5-3.6M13 2.5v2.8h-2.8",
  back: "M9.5 3.5L5 8l4.5 4.5",
  forward: "M6.5 3.5L11 8l-4.5 4.5",
  up: "M3.5 10L8 5.5l4.5 4.5",
  down: "M3.5 6L8 10.5 12.5 6",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.2 3.2L13 5",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
  edit: "M3 13l.7-2.9L10.8 3l2.2 2.2-7.1 7.1z",
  trash: "M3 4.5h10M6.3 4.5v-2h3.4v2M4.4 4.5l.6 9h6l.6-9",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  full: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 0 1 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.85.85M11.75 11.75l.85.85M3.4 12.6l.85-.85M11.75 4.25l.85-.85",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
  system: "M2.5 3h11v7.5h-11zM6 13.5h4",
  out: "M6 2.5H3v11h3M7 8h6.5M10.8 5.2L13.5 8l-2.7 2.8",
  help: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M6.3 6.3a1.8 1.8 0 1 1 2.5 1.6c-.5.3-.8.6-.8 1.2M8 11.3h.01",
  event: "M8 2v8M5 13.5h6L8 9.5z",
  monitors: "M4 11.500V7.200a4 4 0 0 1 8 0v4.300l1.300 1.500H2.700zM6.700 13.500a1.400 1.400 0 0 0 2.600 0M8 3.200V2",
  mute: "M4 11.500V7.200a4 4 0 0 1 8 0v4.300l1.300 1.500H2.700zM2.500 2.500l11 11",
  upload: "M8 10.5V2.5M4.8 5.5L8 2.3l3.2 3.2M2.5 13.5h11",
  warn: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.3h.01",
  side: "M2.5 3h11v10h-11zM6 3v10",
  logs: "M2.5 3.500h1M5.5 3.5h8M2.5 8h1M5.5 8h6M2.5 12.5h1M5.5 12.5h8",
  events: "M4 2v12M4 2.800h8.500L10.500 5.800l2 3H4",
  pipelines: "M2 4.500h5l2 7h5M2 11.500h4M10 4.500h4M12 2.800l2 1.700-2 1.700",
  filter: "M2.500 3.500h11L9.500 8.500v4.500l-3-1.500V8.500z",
  wrap: "M2.500 3.500h11M2.500 8h9a2.200 2.200 0 0 1 0 4.400H8M9.500 10.800L8 12.400l1.500 1.600M2.500 12.400h3",
  star: "M8 2l1.800 3.800 4.200.600-3 2.900.700 4.200L8 11.500l-3.700 2 .700-4.200-3-2.900 4.200-.600z",
  drag: "M6 3.500h.010M10 3.500h.010M6 8h.010M10 8h.010M6 12.500h.010M10 12.500h.010",
  eye: "M1.5 8s2.3-4.2 6.5-4.2S14.5 8 14.5 8 12.2 12.2 8 12.2 1.5 8 1.5 8zM8 6.200a1.8 1.8 0 1 1 0 3.600a1.8 1.8 0 0 1 0-3.6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="logo">
      <path d="M5 26V12l6-6h10l6 6v14z" />
      <path d="M11.5 6v20M20.5 6v20M5 16h22" />
    </svg>
  );
}
