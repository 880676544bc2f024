import type { ButtonHTMLAttributes, Ref } from "react";
import { Icon, type IconName } from "./Icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: "plain" | "primary" | "danger" | "quiet";
  icon?: IconName;
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = "plain", icon, busy = false, children, className = "", disabled, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${tone} ${className}`}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<Props, "icon"> {
  icon: IconName;
  label: string;
  shortcut?: string;
}

/** An icon alone: its label is its accessible name and its hint. */
export function IconButton({ icon, label, shortcut, tone = "quiet", className = "", ...rest }: IconButtonProps) {
  const hint = shortcut ? `${label} (${shortcut})` : label;
  return (
    <Button {...rest} tone={tone} icon={icon} aria-label={label} title={hint} className={`icon-only ${className}`} />
  );
}
