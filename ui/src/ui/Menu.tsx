import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export interface MenuItem {
  label: string;
  icon?: IconName;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  checked?: boolean;
}

export function Menu({
  trigger,
  items,
  align = "end",
}: {
  trigger: ReactNode;
  items: (MenuItem | null)[];
  align?: "start" | "end";
}) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>
          {items.map((item, index) =>
            item === null ? (
              <DropdownMenu.Separator key={`gap-${index}`} className="menu-gap" />
            ) : (
              <DropdownMenu.Item
                key={item.label}
                className={item.danger ? "menu-item danger" : "menu-item"}
                disabled={item.disabled}
                onSelect={item.onSelect}
              >
                {item.icon ? <Icon name={item.icon} /> : <span className="icon" />}
                <span className="grow">{item.label}</span>
                {item.checked && <Icon name="check" />}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
