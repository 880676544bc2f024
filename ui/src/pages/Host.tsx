import { PageHead } from "../ui/PageHead";

export function Host() {
  return <PageHead title="Host" />;
}
