import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { facets, type Facet, type Scope } from "../api/rows";
import { Failed, SkeletonRows } from "../ui/States";
import { SearchField } from "../ui/SearchField";
import { FacetSection } from "./FacetSection";
import type { RowActions } from "./actions";
import { chosen } from "./filters";

interface Props {
  scope: Scope;
  actions: RowActions;
  onQuery: (query: string) => void;
}

/** These are what one looks at first; the rest of the core fields waits folded. */
const OPEN_FIRST = new Set(["status", "service", "operation_name", "source", "@duration", "host", "env"]);

/** The fields of what was found, with their values and counts. A tick filters, and ticks of one field are alternatives. */
export function Facets({ scope, actions, onQuery }: Props) {
  const answer = useQuery(facets(scope));
  const [search, setSearch] = useState("");
  const { data } = answer;
  const shown = useMemo(() => {
    const word = search.trim().toLowerCase();
    return (data?.error ? [] : (data?.facets ?? [])).filter(
      ({ field, title }) => field.toLowerCase().includes(word) || title.toLowerCase().includes(word),
    );
  }, [data, search]);
  // A core field that no row has says nothing, unless the search is about it.
  const told = ({ field, values }: Facet) => values.length > 0 || opensByQuery(field, scope.query);
  const groups = [
    { title: "Core", list: shown.filter((facet) => facet.core && told(facet)) },
    { title: "Attributes", list: shown.filter(({ core, field }) => !core && field.startsWith("@")) },
    { title: "Tags", list: shown.filter(({ core, field }) => !core && !field.startsWith("@")) },
  ];
  return (
    <aside className="facets" aria-label="Facets" data-loading={answer.isFetching || undefined}>
      <SearchField value={search} onChange={setSearch} label="Find a field" />
      {answer.isPending && <SkeletonRows rows={10} />}
      {answer.isError && !data && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="The facets cannot be read" />
      )}
      {groups.map(
        ({ title, list }) =>
          list.length > 0 && (
            <section key={title} className="facet-group" aria-label={title}>
              <h3>{title}</h3>
              {list.map((facet) => (
                <FacetSection
                  key={facet.field}
                  facet={facet}
                  scope={scope}
                  actions={actions}
                  onQuery={onQuery}
                  startsOpen={opensFirst(facet, scope.query)}
                />
              ))}
            </section>
          ),
      )}
      {data && shown.length === 0 && (
        <p className="dim facet-none">
          {data.error ? "The search cannot be read." : search ? "No field of that name." : "No fields in this range."}
        </p>
      )}
    </aside>
  );
}

function opensFirst({ field }: Facet, query: string): boolean {
  return OPEN_FIRST.has(field) || opensByQuery(field, query);
}

function opensByQuery(field: string, query: string): boolean {
  const { included, excluded } = chosen(query, field);
  return included.length + excluded.length > 0;
}
