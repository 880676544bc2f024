import { Button } from "../ui/Button";
import { Menu } from "../ui/Menu";

interface Props {
  /** What is chosen among: `env`. */
  name: string;
  value: string;
  options: string[];
  onPick: (value: string) => void;
  /** What stands for no choice; without it one is always chosen. */
  all?: string;
}

/** One value of a few, as a menu: `env: prod`. */
export function Picker({ name, value, options, onPick, all }: Props) {
  const shown = value || all || "–";
  const known = value && !options.includes(value) ? [value, ...options] : options;
  const items = known.map((option) => ({
    label: option,
    checked: option === value,
    onSelect: () => onPick(option),
  }));
  const none = all ? [{ label: all, checked: value === "", onSelect: () => onPick("") }] : [];
  return (
    <Menu
      align="start"
      trigger={
        <Button className="picker" aria-label={`${name}: ${shown}`}>
          <span className="dim">{name}</span>
          <span className="cut">{shown}</span>
        </Button>
      }
      items={[...none, ...items]}
    />
  );
}
