import { useQuery } from "@tanstack/react-query";
import { compare, type CompareAnswer, type Scope, type Selection } from "../api/rows";
import type { RowActions } from "../rows/actions";
import { formatCount } from "../format/units";
import { IconButton } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { percentText } from "./figures";

const VALUES_SHOWN = 5;
const FIELDS_SHOWN = 24;

interface Props {
  scope: Scope;
  selection: Selection;
  actions: RowActions;
  onClose: () => void;
}

/** What sets a selection apart: attributes by how far their values differ from the rest, as pairs of bars. */
export function Differences({ scope, selection, actions, onClose }: Props) {
  const answer = useQuery(compare(scope, selection));
  const { data } = answer;
  return (
    <aside className="differences" aria-label="What is different about the selection">
      <header className="card-head">
        <h2 className="grow">What is different</h2>
        <IconButton icon="close" label="Drop the selection" onClick={onClose} />
      </header>
      {data && !data.error && (
        <p className="difference-key">
          <span className="swatch selected" /> selected ({formatCount(data.selected)})
          <span className="swatch rest" /> the rest ({formatCount(data.rest)})
        </p>
      )}
      {answer.isPending && <SkeletonRows rows={10} />}
      {answer.isError && !data && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="The selection cannot be compared" />
      )}
      {data && !data.error && <List data={data} actions={actions} />}
    </aside>
  );
}

function List({ data, actions }: { data: CompareAnswer; actions: RowActions }) {
  if (data.selected === 0) return <p className="dim pad">Nothing lies in the selection.</p>;
  if (data.attributes.length === 0)
    return <p className="dim pad">No attribute differs: what is selected is like the rest.</p>;
  return (
    <ol className="difference-list">
      {data.attributes.slice(0, FIELDS_SHOWN).map(({ field, values }) => (
        <li key={field}>
          <h3 className="mono cut" title={field}>
            {field}
          </h3>
          {values.slice(0, VALUES_SHOWN).map(({ value, selected, rest }) => (
            <button
              key={value}
              type="button"
              className="difference"
              aria-label={`${field} ${value}: ${percentText(selected)} of the selected, ${percentText(rest)} of the rest; filter by it`}
              title="Click to filter, Alt and click to exclude"
              onClick={(event) => (event.altKey ? actions.exclude : actions.filter)(field, value)}
            >
              <span className="cut difference-value">{value}</span>
              <span className="difference-bars" aria-hidden="true">
                <span className="selected" style={{ width: `${selected * 100}%` }} />
                <span className="rest" style={{ width: `${rest * 100}%` }} />
              </span>
              <span className="num difference-shares">
                {percentText(selected)} <span className="dim">{percentText(rest)}</span>
              </span>
            </button>
          ))}
        </li>
      ))}
    </ol>
  );
}
