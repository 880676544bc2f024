/** A percentage as a bar with its number; amber from 75, red from 90. */
export function Meter({ value, label }: { value: number | null; label: string }) {
  if (value === null || Number.isNaN(value)) return <span className="dim">–</span>;
  const tone = value >= 90 ? "bad" : value >= 75 ? "warn" : "";
  return (
    <span
      className="meter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value)}
    >
      <span className="meter-track">
        <span
          className={`meter-fill ${tone}`}
          style={{ width: `${Math.min(100, Math.max(0, value))}%`, display: "block" }}
        />
      </span>
      <span className="meter-text num">{value.toFixed(value < 10 ? 1 : 0)} %</span>
    </span>
  );
}
