import { lazy, Suspense } from "react";
import { SkeletonChart } from "../../ui/States";
import type { Definition } from "../model";

/** Widgets of traces bring the map's layout with them: dashboards without one do without it. */
const Service = lazy(async () => ({ default: (await import("./TraceService")).TraceServiceWidget }));
const Map = lazy(async () => ({ default: (await import("./ServiceMapWidget")).ServiceMapWidget }));

export function TraceServiceWidget({ definition }: { definition: Definition }) {
  return (
    <Suspense fallback={<SkeletonChart />}>
      <Service definition={definition} />
    </Suspense>
  );
}

export function ServiceMapWidget({ definition }: { definition: Definition }) {
  return (
    <Suspense fallback={<SkeletonChart />}>
      <Map definition={definition} />
    </Suspense>
  );
}
