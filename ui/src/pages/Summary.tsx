import { PageHead } from "../ui/PageHead";

export function Summary() {
  return <PageHead title="Summary" />;
}
