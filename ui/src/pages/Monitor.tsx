import { PageHead } from "../ui/PageHead";

export function MonitorPage() {
  return <PageHead title="Monitors" />;
}
