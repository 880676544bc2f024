interface ChoiceProps {
  label: string;
  value: string;
  options: [value: string, label: string][];
  onPick: (value: string) => void;
}

/** One of a few words. */
export function Choice({ label, value, options, onPick }: ChoiceProps) {
  return (
    <label className="field small">
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.target.value)}>
        {options.map(([option, said]) => (
          <option key={option} value={option}>
            {said}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Tick({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} /> {label}
    </label>
  );
}
