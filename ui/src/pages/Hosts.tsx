import { PageHead } from "../ui/PageHead";

export function Hosts() {
  return <PageHead title="Hosts" />;
}
