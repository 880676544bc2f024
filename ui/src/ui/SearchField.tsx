import type { Ref } from "react";
import { Icon } from "./Icon";

interface Props {
  value: string;
  onChange: (value: string) => void;
  label: string;
  autoFocus?: boolean;
  ref?: Ref<HTMLInputElement>;
}

export function SearchField({ value, onChange, label, autoFocus, ref }: Props) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        ref={ref}
        className="input"
        type="search"
        aria-label={label}
        placeholder={label}
        autoFocus={autoFocus}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
