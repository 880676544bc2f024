import { useState } from "react";
import { NavLink, Outlet, useLocation, useNavigate, useSearchParams } from "react-router";
import { ApiError } from "../api/client";
import { useLogout, useMe, type Me } from "../api/session";
import { RangeProvider } from "../time/page";
import { IconButton } from "../ui/Button";
import { Icon, Logo, type IconName } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import { Failed } from "../ui/States";
import { useToasts } from "../ui/toast";
import { Help } from "./Help";
import { useHotkeys } from "./hotkeys";
import { Palette } from "./Palette";
import { setTheme, themeChoice, useTheme, type ThemeChoice } from "./theme";

const NAV: { to: string; label: string; icon: IconName; keys: string }[] = [
  { to: "/dashboards", label: "Dashboards", icon: "dashboards", keys: "g d" },
  { to: "/metrics/explore", label: "Explore", icon: "explore", keys: "g m" },
  { to: "/metrics/summary", label: "Metrics", icon: "metrics", keys: "g s" },
  { to: "/apm/services", label: "Services", icon: "services", keys: "g a" },
  { to: "/apm/traces", label: "Traces", icon: "traces", keys: "g t" },
  { to: "/apm/map", label: "Service map", icon: "map", keys: "g p" },
  { to: "/logs", label: "Logs", icon: "logs", keys: "g l" },
  { to: "/events", label: "Events", icon: "events", keys: "g e" },
  { to: "/monitors", label: "Monitors", icon: "monitors", keys: "g o" },
  { to: "/hosts", label: "Hosts", icon: "hosts", keys: "g h" },
  { to: "/setup", label: "Set up", icon: "setup", keys: "g i" },
  { to: "/settings", label: "Settings", icon: "settings", keys: "g ," },
];

export function Shell() {
  const me = useMe();
  const location = useLocation();
  if (me.error instanceof ApiError && me.error.status === 401) {
    window.location.replace(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    return null;
  }
  if (me.isPending) return <div className="boot" aria-busy="true" aria-label="Loading" />;
  if (me.isError)
    return (
      <div className="page-state">
        <Failed error={me.error} retry={() => void me.refetch()} what="Oriel does not answer" />
      </div>
    );
  return (
    <RangeProvider>
      <Frame me={me.data} />
    </RangeProvider>
  );
}

const NARROW = "oriel.side";

function Frame({ me }: { me: Me }) {
  const navigate = useNavigate();
  const theme = useTheme();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [narrow, setNarrow] = useState(() => localStorage.getItem(NARROW) === "narrow");
  const keepRange = useRangeSearch();
  const { pathname } = useLocation();
  const fold = () => {
    localStorage.setItem(NARROW, narrow ? "wide" : "narrow");
    setNarrow(!narrow);
  };
  useHotkeys(
    {
      "mod+k": () => setPalette(true),
      "/": () => setPalette(true),
      "?": () => setHelp(true),
      D: () => setTheme(theme === "dark" ? "light" : "dark"),
      ...Object.fromEntries(NAV.map(({ keys, to }) => [keys, () => void navigate(to + keepRange)])),
    },
    true,
  );
  return (
    <div className={narrow ? "shell narrow" : "shell"}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <nav className="side" aria-label="Pages">
        <NavLink to="/" className="brand" aria-label="Oriel, home">
          <Logo />
          <span className="side-label">Oriel</span>
        </NavLink>
        <button type="button" className="side-search" onClick={() => setPalette(true)} aria-label="Search Ctrl K">
          <Icon name="search" />
          <span className="side-label grow">Search</span> <kbd className="side-label">Ctrl K</kbd>
        </button>
        {NAV.map(({ to, label, icon, keys }) => (
          <NavLink
            key={to}
            to={to + keepRange}
            className={({ isActive }) => (isActive || isWithin(to, pathname) ? "side-link active" : "side-link")}
            title={`${label} (${keys})`}
          >
            <Icon name={icon} />
            <span className="side-label grow">{label}</span>
            <kbd className="side-label">{keys}</kbd>
          </NavLink>
        ))}
        <div className="grow" />
        <Account me={me} />
        <div className="side-foot">
          <IconButton icon="help" label="Keys" shortcut="?" onClick={() => setHelp(true)} />
          <IconButton icon="side" label={narrow ? "Widen the side bar" : "Fold the side bar"} onClick={fold} />
        </div>
      </nav>
      <main id="main" className="main">
        <Outlet />
      </main>
      <Palette open={palette} onClose={() => setPalette(false)} />
      <Help open={help} onClose={() => setHelp(false)} />
      <Toasts />
    </div>
  );
}

/** A dashboard belongs to the list of dashboards, a trace to the traces, what is watched for to the monitors. */
function isWithin(to: string, pathname: string): boolean {
  return (
    (to === "/dashboards" && pathname.startsWith("/dashboard/")) ||
    (to === "/apm/traces" && pathname.startsWith("/apm/trace/")) ||
    (to === "/monitors" && /^\/(slos|synthetics)/.test(pathname))
  );
}

/** The range goes along from page to page. */
function useRangeSearch(): string {
  const [params] = useSearchParams();
  const kept = new URLSearchParams();
  for (const name of ["range", "from_ms", "to_ms"]) {
    const value = params.get(name);
    if (value) kept.set(name, value);
  }
  const text = kept.toString();
  return text ? `?${text}` : "";
}

function Account({ me }: { me: Me }) {
  const logout = useLogout();
  const theme = useTheme();
  const choice = themeChoice();
  const themes: [ThemeChoice, string, IconName][] = [
    ["system", "As the system", "system"],
    ["light", "Light", "sun"],
    ["dark", "Dark", "moon"],
  ];
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="side-link account"
          aria-label={`${me.user.name} ${me.version}: theme and log out`}
        >
          <Icon name={theme === "dark" ? "moon" : "sun"} />
          <span className="side-label grow cut">{me.user.name}</span>{" "}
          <span className="side-label dim">{me.version}</span>
        </button>
      }
      items={[
        ...themes.map(([value, label, icon]) => ({
          label,
          icon,
          checked: choice === value,
          onSelect: () => setTheme(value),
        })),
        null,
        { label: "Log out", icon: "out" as const, onSelect: () => logout.mutate() },
      ]}
    />
  );
}

function Toasts() {
  const toasts = useToasts();
  return (
    <div className="toasts" role="status">
      {toasts.map(({ id, text, tone }) => (
        <div key={id} className={`toast ${tone}`}>
          {text}
        </div>
      ))}
    </div>
  );
}
