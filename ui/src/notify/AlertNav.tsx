import { NavLink, useLocation } from "react-router";

const PAGES = [
  ["/monitors", "Monitors"],
  ["/monitors/downtimes", "Downtimes"],
  ["/slos", "SLOs"],
  ["/synthetics", "Synthetic tests"],
  ["/monitors/deliveries", "Deliveries"],
  ["/settings/notifications", "Channels"],
] as const;

/** The pages about watching, side by side in the head of each. */
export function AlertNav() {
  const { pathname } = useLocation();
  return (
    <nav className="segments alert-nav" aria-label="Watching">
      {PAGES.map(([to, label]) => (
        <NavLink key={to} to={to} end className="alert-link" aria-current={pathname === to ? "page" : undefined}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
