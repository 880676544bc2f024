import { useRef, useState, type PointerEvent } from "react";
import type { GroupHistory, Outage } from "../api/monitorModel";
import { rangeText } from "../format/clock";
import type { Span } from "../time/range";
import type { PlotArea } from "./plotArea";
import { groupText, toneOfStatus } from "./status";
import { bandsOf, piecesOf, spentMs, spentText, type Band, type Piece } from "./pieces";

interface Props {
  groups: GroupHistory[];
  /** Of Oriel itself: shown behind every group, and named once. */
  outages?: Outage[];
  span: Span;
  /** Of the chart above, so that both share their time axis. */
  area?: PlotArea | null;
  chosen?: string;
  onZoom?: (fromMs: number, toMs: number) => void;
  onGroup?: (group: string) => void;
  /** A piece that was clicked: the group, and when it began. */
  onPiece?: (group: string, atMs: number) => void;
}

const DRAG_PX = 4;

/** The history of each group as a coloured line; a drag zooms, a click asks why. */
export function Timeline({ groups, outages = [], span, area, chosen, onZoom, onGroup, onPiece }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const bands = bandsOf(outages, span);
  const share = (event: PointerEvent) => {
    const { left, width } = root.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const timeAt = (at: number) => span.fromMs + at * (span.toMs - span.fromMs);
  const down = (event: PointerEvent) => {
    if (!onZoom || event.button !== 0) return;
    const at = share(event);
    setDrag([at, at]);
  };
  const up = () => {
    if (!drag || !onZoom) return;
    const [from, to] = [Math.min(...drag), Math.max(...drag)];
    const px = (to - from) * root.current!.clientWidth;
    setDrag(null);
    if (px > DRAG_PX && timeAt(to) - timeAt(from) >= 1_000) onZoom(Math.round(timeAt(from)), Math.round(timeAt(to)));
  };
  return (
    <div
      ref={root}
      className="timeline"
      style={area ? { marginLeft: area.left, width: area.width } : undefined}
      onPointerDown={down}
      onPointerMove={(event) => drag && setDrag([drag[0], share(event)])}
      onPointerUp={up}
      onPointerLeave={() => setDrag(null)}
    >
      <ul aria-label="History of the groups">
        {bands.length > 0 && (
          <li className="timeline-row">
            <span className="timeline-name dim">Oriel itself took nothing in</span>
            <span className="timeline-line">
              <Bands bands={bands} named />
            </span>
          </li>
        )}
        {groups.map(({ group, segments }) => (
          <li key={group} className={chosen === group ? "timeline-row on" : "timeline-row"}>
            <span className="timeline-name">
              {onGroup ? (
                <button type="button" className="cut mono" title="Show this group alone" onClick={() => onGroup(group)}>
                  {groupText(group)}
                </button>
              ) : (
                <span className="cut mono">{groupText(group)}</span>
              )}
              <Sum segments={segments} span={span} />
            </span>
            <span className="timeline-line">
              {piecesOf(segments, span).map((piece) => (
                <PieceMark key={piece.fromMs} piece={piece} onClick={onPiece && (() => onPiece(group, piece.fromMs))} />
              ))}
              <Bands bands={bands} />
            </span>
          </li>
        ))}
      </ul>
      {drag && drag[0] !== drag[1] && (
        <span
          className="timeline-drag"
          style={{ left: `${Math.min(...drag) * 100}%`, width: `${Math.abs(drag[1] - drag[0]) * 100}%` }}
        />
      )}
    </div>
  );
}

/** Hatched: nothing is concluded from what is missing there. */
function Bands({ bands, named = false }: { bands: Band[]; named?: boolean }) {
  return bands.map(({ left, width, text }) => (
    <span
      key={left}
      className="timeline-outage"
      style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
      {...(named ? { role: "img", "aria-label": text, title: text } : { "aria-hidden": true })}
    />
  ));
}

function PieceMark({ piece, onClick }: { piece: Piece; onClick?: () => void }) {
  const { status, fromMs, toMs, left, width } = piece;
  const text = `${status}, ${rangeText(fromMs, toMs)}, ${spentText(toMs - fromMs)}`;
  const shared = {
    className: `timeline-piece state-fill ${toneOfStatus(status)}`,
    style: { left: `${left * 100}%`, width: `${width * 100}%` },
    title: text,
  };
  if (!onClick || status === "OK") return <span {...shared} />;
  return <button type="button" {...shared} aria-label={`${text}: why?`} onClick={onClick} />;
}

function Sum({ segments, span }: { segments: GroupHistory["segments"]; span: Span }) {
  const alert = spentMs(segments, "Alert", span);
  const warn = spentMs(segments, "Warn", span);
  return (
    <span className="timeline-sum dim">
      {alert > 0 && <b className="tone-bad">{`alert ${spentText(alert)}`}</b>}
      {warn > 0 && <span className="tone-warn">{`warn ${spentText(warn)}`}</span>}
    </span>
  );
}
