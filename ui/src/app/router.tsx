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
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
