import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import type { Definition } from "../model";

const TONES = new Set(["yellow", "blue", "pink", "gray", "green", "purple", "orange", "red", "white", "transparent"]);

/** Markdown without raw HTML: tags of a note are shown as text, and only safe links are followed. */
export function NoteWidget({ definition }: { definition: Definition }) {
  const tone = (definition.background_color ?? "white").replace(/^vivid_/, "");
  const align =
    definition.text_align === "center" || definition.text_align === "right" ? definition.text_align : "left";
  return (
    <div className={`note-text ${TONES.has(tone) ? tone : "white"} ${align}`}>
      <Markdown
        remarkPlugins={[remarkGfm]}
        components={{
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noopener noreferrer">
              {children}
            </a>
          ),
        }}
      >
        {definition.content ?? ""}
      </Markdown>
    </div>
  );
}

export function TextWidget({ definition }: { definition: Definition }) {
  const text = typeof definition.text === "string" ? definition.text : "";
  return <p className="free-text">{text}</p>;
}
