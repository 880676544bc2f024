import { Dialog } from "../ui/Dialog";
import { KEY_HELP } from "./hotkeys";

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys" size="small">
      <dl className="key-help">
        {KEY_HELP.map(({ keys, what }) => (
          <div key={keys}>
            <dt>
              {keys.split("  ").map((key) =>
                key === "or" ? (
                  <span key={key} className="dim">
                    {" "}
                    or{" "}
                  </span>
                ) : (
                  <kbd key={key}>{key}</kbd>
                ),
              )}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="dim key-note">
        On a chart: drag to zoom, double-click to go back, click a point for where it leads. On a legend: click shows
        one alone, Ctrl click hides it. On a value of a log, span or event, in its detail by a click and in a list by a
        right click: filter by it, exclude it, add its column, group by it.
      </p>
    </Dialog>
  );
}
