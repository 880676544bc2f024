import { PageHead } from "../ui/PageHead";

export function MonitorWhy() {
  return <PageHead title="Monitors" />;
}
