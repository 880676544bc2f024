import { createBrowserRouter } from "react-router";
import { Crash, NotFound } from "./Crash";
import { Shell } from "./Shell";

/** Pages mirror the routes; each is a chunk of its own. */
export const router = createBrowserRouter([
  {
    path: "/login",
    lazy: async () => ({ Component: (await import("../pages/Login")).Login }),
    errorElement: <Crash />,
  },
  {
    path: "/",
    element: <Shell />,
    errorElement: <Crash />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <Crash />,
        children: [
          { index: true, lazy: async () => ({ Component: (await import("../pages/Home")).Home }) },
          { path: "setup", lazy: async () => ({ Component: (await import("../pages/Setup")).Setup }) },
          { path: "dashboards", lazy: async () => ({ Component: (await import("../pages/Dashboards")).Dashboards }) },
          {
            path: "dashboard/:id",
            lazy: async () => ({ Component: (await import("../pages/Dashboard")).DashboardPage }),
          },
          { path: "metrics/explore", lazy: async () => ({ Component: (await import("../pages/Explore")).Explore }) },
          { path: "metrics/summary", lazy: async () => ({ Component: (await import("../pages/Summary")).Summary }) },
          { path: "hosts", lazy: async () => ({ Component: (await import("../pages/Hosts")).Hosts }) },
          { path: "hosts/:name", lazy: async () => ({ Component: (await import("../pages/Host")).Host }) },
          { path: "settings", lazy: async () => ({ Component: (await import("../pages/Settings")).SettingsPage }) },
          { path: "logs", lazy: async () => ({ Component: (await import("../pages/Logs")).Logs }) },
          { path: "logs/pipelines", lazy: async () => ({ Component: (await import("../pages/Pipelines")).Pipelines }) },
          { path: "events", lazy: async () => ({ Component: (await import("../pages/Events")).Events }) },
          { path: "apm/services", lazy: async () => ({ Component: (await import("../pages/Services")).Services }) },
          { path: "apm/services/:name", lazy: async () => ({ Component: (await import("../pages/Service")).Service }) },
          {
            path: "apm/services/:name/resource",
            lazy: async () => ({ Component: (await import("../pages/Resource")).Resource }),
          },
          { path: "apm/traces", lazy: async () => ({ Component: (await import("../pages/Traces")).Traces }) },
          { path: "apm/trace/:id", lazy: async () => ({ Component: (await import("../pages/Trace")).TracePage }) },
          { path: "apm/map", lazy: async () => ({ Component: (await import("../pages/ServiceMap")).ServiceMap }) },
          { path: "monitors", lazy: async () => ({ Component: (await import("../pages/Monitors")).Monitors }) },
          {
            path: "monitors/new",
            lazy: async () => ({ Component: (await import("../pages/MonitorEditor")).MonitorEditor }),
          },
          { path: "monitors/:id", lazy: async () => ({ Component: (await import("../pages/Monitor")).MonitorPage }) },
          {
            path: "monitors/:id/edit",
            lazy: async () => ({ Component: (await import("../pages/MonitorEditor")).MonitorEditor }),
          },
          {
            path: "monitors/:id/why",
            lazy: async () => ({ Component: (await import("../pages/MonitorWhy")).MonitorWhy }),
          },
          {
            path: "monitors/downtimes",
            lazy: async () => ({ Component: (await import("../pages/Downtimes")).Downtimes }),
          },
          {
            path: "monitors/deliveries",
            lazy: async () => ({ Component: (await import("../pages/Deliveries")).Deliveries }),
          },
          { path: "slos", lazy: async () => ({ Component: (await import("../pages/Slos")).Slos }) },
          { path: "slos/new", lazy: async () => ({ Component: (await import("../pages/SloEditor")).SloEditor }) },
          { path: "slos/:id", lazy: async () => ({ Component: (await import("../pages/Slo")).SloPage }) },
          { path: "slos/:id/edit", lazy: async () => ({ Component: (await import("../pages/SloEditor")).SloEditor }) },
          { path: "synthetics", lazy: async () => ({ Component: (await import("../pages/Synthetics")).Synthetics }) },
          {
            path: "settings/notifications",
            lazy: async () => ({ Component: (await import("../pages/Notifications")).Notifications }),
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
