import { useState } from "react";
import { Link } from "react-router";
import { useNotice, type Notice } from "../api/notices";
import { HtmlFrame } from "../monitors/HtmlFrame";
import { Dialog } from "../ui/Dialog";
import { Failed, SkeletonRows } from "../ui/States";

/** A notice as it went out: the mail, or its plain words. */
export function NoticeDialog({ noticeKey, onClose }: { noticeKey: string; onClose: () => void }) {
  const { data, isError, error, refetch } = useNotice(noticeKey);
  const [plain, setPlain] = useState(false);
  return (
    <Dialog open onClose={onClose} title={data?.subject ?? "Notice"} size="wide">
      {isError && <Failed error={error} retry={() => void refetch()} what="The notice cannot be read" />}
      {!data && !isError && <SkeletonRows rows={6} />}
      {data && (
        <>
          <div className="alert-bar">
            <div className="segments" role="group" aria-label="Form">
              <button type="button" aria-pressed={!plain} onClick={() => setPlain(false)}>
                Mail
              </button>
              <button type="button" aria-pressed={plain} onClick={() => setPlain(true)}>
                Plain text
              </button>
            </div>
            <span className="grow" />
            <Link to={linkOf(data)}>Open the moment</Link>
          </div>
          {plain || !data.html ? (
            <pre className="notice-text">{data.text}</pre>
          ) : (
            <HtmlFrame html={data.html} label="The mail" />
          )}
        </>
      )}
    </Dialog>
  );
}

/** The link in it, without the address that people reach the server by: it may not be this one. */
function linkOf(notice: Notice): string {
  const link = (notice as Notice & { link?: string }).link ?? "/monitors";
  const url = new URL(link, window.location.origin);
  return url.pathname + url.search;
}
