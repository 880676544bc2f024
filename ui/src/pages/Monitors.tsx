import { PageHead } from "../ui/PageHead";

export function Monitors() {
  return <PageHead title="Monitors" />;
}
