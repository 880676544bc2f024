import { useState } from "react";
import { Link } from "react-router";
import { useNotice } from "../api/notices";
import { Dialog } from "../ui/Dialog";
import { Failed, SkeletonRows } from "../ui/States";

const MINUTE = 60_000;

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
            <Link to={linkOf(data.notice, noticeKey)}>Open the moment</Link>
          </div>
          {plain || !data.html ? (
            <pre className="notice-text">{data.text}</pre>
          ) : (
            <iframe className="notice-html" title="The mail" sandbox="" srcDoc={withChart(data.html, data.chart_url)} />
          )}
        </>
      )}
    </Dialog>
  );
}

/** In a mail the chart is a part of its own, named by `cid:`; here it is the stored picture. */
function withChart(html: string, url: string | null): string {
  return url === null ? html : html.replace(/cid:[^"'\s>]+/g, url.replaceAll("&", "&amp;"));
}

function linkOf(notice: Record<string, unknown>, key: string): string {
  const { monitor, transition } = notice as { monitor?: number; transition?: { at_ms?: number; group?: string } };
  const at = transition?.at_ms ?? 0;
  const params = new URLSearchParams({
    group: transition?.group ?? "",
    at: String(at),
    from_ms: String(at - 60 * MINUTE),
    to_ms: String(at + 15 * MINUTE),
    notice: key,
  });
  return `/monitors/${monitor ?? ""}?${params}`;
}
