import { PageHead } from "../ui/PageHead";

export function MonitorEditor() {
  return <PageHead title="Monitors" />;
}
