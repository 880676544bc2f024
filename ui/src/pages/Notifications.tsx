import { AlertNav } from "../notify/AlertNav";
import { Channels } from "../notify/Channels";
import { MailSettings } from "../notify/MailSettings";
import { PageHead } from "../ui/PageHead";

/** Where notices go, and how. */
export function Notifications() {
  return (
    <>
      <PageHead title="Notifications" aside={<AlertNav />} />
      <div className="page-body notifications">
        <Channels />
        <MailSettings />
      </div>
    </>
  );
}
