import { useQuery } from "@tanstack/react-query";
import { Popover } from "radix-ui";
import { facets, type Scope } from "../api/rows";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { FieldInput } from "./FieldInput";

interface Props {
  scope: Scope;
  columns: string[];
  /** Null: the signal's own. */
  onChange: (columns: string[] | null) => void;
}

export function ColumnsMenu({ scope, columns, onChange }: Props) {
  return (
    <Popover.Root>
      <Popover.Trigger className="button quiet" title="Columns">
        <Icon name="side" />
        Columns
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover columns-menu" align="end" sideOffset={4} collisionPadding={8}>
          <Body scope={scope} columns={columns} onChange={onChange} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Body({ scope, columns, onChange }: Props) {
  const { data } = useQuery(facets(scope));
  const options = (data?.facets ?? [])
    .filter(({ field }) => !columns.includes(field))
    .map(({ field, core, kind }) => ({
      value: field,
      detail: core ? "core" : field.startsWith("@") ? kind : "tag",
    }));
  const move = (index: number, step: number) => {
    const next = [...columns];
    const [taken] = next.splice(index, 1);
    next.splice(index + step, 0, taken);
    onChange(next);
  };
  return (
    <>
      <ul className="column-rows" aria-label="Columns">
        {columns.map((field, index) => (
          <li key={field}>
            <span className="grow cut mono">{field}</span>
            <IconButton
              icon="up"
              label={`${field} to the left`}
              disabled={index === 0}
              onClick={() => move(index, -1)}
            />
            <IconButton
              icon="down"
              label={`${field} to the right`}
              disabled={index === columns.length - 1}
              onClick={() => move(index, 1)}
            />
            <IconButton
              icon="close"
              label={`Remove the column ${field}`}
              onClick={() => onChange(columns.filter((each) => each !== field))}
            />
          </li>
        ))}
      </ul>
      <FieldInput
        label="Add a column"
        placeholder="Add a column"
        options={options}
        free={(text) => text || null}
        onPick={(field) => onChange([...columns, field])}
      />
      <button type="button" className="button quiet" onClick={() => onChange(null)}>
        As they were
      </button>
    </>
  );
}
