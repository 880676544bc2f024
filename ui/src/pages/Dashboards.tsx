import { PageHead } from "../ui/PageHead";

export function Dashboards() {
  return <PageHead title="Dashboards" />;
}
