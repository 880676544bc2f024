import { PageHead } from "../ui/PageHead";

export function Setup() {
  return <PageHead title="Setup" />;
}
