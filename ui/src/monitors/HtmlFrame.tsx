import { useRef, useState } from "react";
import { useTheme } from "../app/theme";

const PAGE = {
  light: "color:#1a2029;background:#ffffff",
  dark: "color:#dbe1e8;background:#15191f;color-scheme:dark",
};

interface Props {
  html: string;
  label: string;
  /** What is longer scrolls. */
  tallestPx?: number;
}

/** HTML that the server rendered from people's words, in a frame where no script runs and every link opens apart. */
export function HtmlFrame({ html, label, tallestPx = 900 }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(60);
  const theme = useTheme();
  const own = `<base target="_blank"><style>body{margin:0;font:13px/1.5 Inter,system-ui,sans-serif;overflow-wrap:anywhere;${PAGE[theme]}}img{max-width:100%}p:first-child{margin-top:0}</style>`;
  const measure = () => {
    const body = frame.current?.contentDocument?.body;
    if (body) setHeight(Math.min(tallestPx, Math.ceil(body.scrollHeight) + 4));
  };
  return (
    <iframe
      ref={frame}
      className="html-frame"
      title={label}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      srcDoc={own + html}
      style={{ height }}
      onLoad={measure}
    />
  );
}
