import { IconButton, Button } from "../ui/Button";
import type { Definition, Marker } from "./model";

interface Props {
  definition: Definition;
  onChange: (part: Partial<Definition>) => void;
}

export function ChartOptions({ definition, onChange }: Props) {
  const axis = definition.yaxis ?? {};
  const setAxis = (part: Definition["yaxis"]) => onChange({ yaxis: { ...axis, ...part } });
  const markers = definition.markers ?? [];
  const setMarker = (index: number, part: Partial<Marker>) =>
    onChange({ markers: markers.map((old, at) => (at === index ? { ...old, ...part } : old)) });
  return (
    <>
      <div className="editor-row">
        <label className="field small">
          <span>Scale</span>
          <select value={axis.scale ?? "linear"} onChange={(event) => setAxis({ scale: event.target.value })}>
            {["linear", "log", "sqrt", "pow"].map((scale) => (
              <option key={scale}>{scale}</option>
            ))}
          </select>
        </label>
        <label className="field small">
          <span>Min</span>
          <input
            placeholder="auto"
            value={axis.min ?? ""}
            onChange={(event) => setAxis({ min: event.target.value || "auto" })}
          />
        </label>
        <label className="field small">
          <span>Max</span>
          <input
            placeholder="auto"
            value={axis.max ?? ""}
            onChange={(event) => setAxis({ max: event.target.value || "auto" })}
          />
        </label>
        <label className="tick">
          <input
            type="checkbox"
            checked={axis.include_zero !== false}
            onChange={(event) => setAxis({ include_zero: event.target.checked })}
          />{" "}
          Zero included
        </label>
        <label className="tick">
          <input
            type="checkbox"
            checked={definition.show_legend ?? false}
            onChange={(event) =>
              onChange({ show_legend: event.target.checked, legend_layout: event.target.checked ? "vertical" : "auto" })
            }
          />{" "}
          Legend with values
        </label>
      </div>
      <div className="query-rows">
        {markers.map((marker, index) => (
          <div key={index} className="editor-row">
            <input
              className="input"
              aria-label="Marker"
              placeholder="y = 80, or 10 < y < 20"
              value={marker.value}
              onChange={(event) => setMarker(index, { value: event.target.value })}
            />
            <select
              className="input"
              aria-label="Marker's look"
              value={marker.display_type ?? "error dashed"}
              onChange={(event) => setMarker(index, { display_type: event.target.value })}
            >
              {["error dashed", "error solid", "warning dashed", "ok solid", "info dashed"].map((look) => (
                <option key={look}>{look}</option>
              ))}
            </select>
            <input
              className="input"
              aria-label="Marker's label"
              placeholder="Label"
              value={marker.label ?? ""}
              onChange={(event) => setMarker(index, { label: event.target.value })}
            />
            <IconButton
              icon="trash"
              label="Remove this marker"
              onClick={() => onChange({ markers: markers.filter((_, at) => at !== index) })}
            />
          </div>
        ))}
        <div>
          <Button
            icon="plus"
            tone="quiet"
            onClick={() => onChange({ markers: [...markers, { value: "y = 0", display_type: "error dashed" }] })}
          >
            Add a marker
          </Button>
        </div>
      </div>
    </>
  );
}

export function FigureOptions({ definition, onChange }: Props) {
  if (definition.type !== "query_value") return null;
  const background = definition.timeseries_background?.type ?? "";
  return (
    <div className="editor-row">
      <label className="field small">
        <span>Decimals</span>
        <input
          type="number"
          min={0}
          max={10}
          placeholder="auto"
          value={definition.precision ?? ""}
          onChange={(event) =>
            onChange({ precision: event.target.value === "" ? undefined : Number(event.target.value) })
          }
        />
      </label>
      <label className="field small">
        <span>Unit</span>
        <input
          placeholder="of the metric"
          value={definition.custom_unit ?? ""}
          onChange={(event) => onChange({ custom_unit: event.target.value || undefined })}
        />
      </label>
      <label className="field small">
        <span>Background</span>
        <select
          value={background}
          onChange={(event) =>
            onChange({ timeseries_background: event.target.value ? { type: event.target.value as "area" } : undefined })
          }
        >
          <option value="">none</option>
          <option value="area">area</option>
          <option value="bars">bars</option>
        </select>
      </label>
      <label className="tick">
        <input
          type="checkbox"
          checked={definition.autoscale !== false}
          onChange={(event) => onChange({ autoscale: event.target.checked })}
        />{" "}
        Scaled (1.2k, 3 GiB)
      </label>
    </div>
  );
}
