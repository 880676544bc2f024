import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { Link, useNavigate } from "react-router";
import { slos } from "../api/slos";
import { AlertNav } from "../notify/AlertNav";
import { SLO_COLUMNS } from "../slo/columns";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { SearchField } from "../ui/SearchField";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { VirtualTable } from "../ui/VirtualTable";

const WORST_FIRST = [{ id: "status", desc: true }];

export function Slos() {
  const navigate = useNavigate();
  const [search, setSearch] = useParam("search");
  const answer = useQuery(slos(useDeferredValue(search.trim())));
  const rows = answer.data?.slos ?? [];
  return (
    <>
      <PageHead title="SLOs" aside={<AlertNav />}>
        <SearchField label="Search objectives" value={search} onChange={setSearch} />
        <Link to="/slos/new" className="button primary">
          <Icon name="plus" />
          New objective
        </Link>
      </PageHead>
      <div className="page-body fill">
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !answer.data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Objectives cannot be listed" />
        )}
        {answer.data && rows.length === 0 && (
          <Empty title={search ? "No objective is found by this" : "No service level objectives yet"}>
            An objective says how much may fail in a week, a month or a quarter: good requests of all, the uptime of
            monitors, or minutes below a threshold. What is left of its budget tells whether to ship or to mend.
          </Empty>
        )}
        {rows.length > 0 && (
          <VirtualTable
            label="Objectives"
            rows={rows}
            columns={SLO_COLUMNS}
            idOf={({ id }) => id}
            onOpen={({ id }) => void navigate(`/slos/${id}`)}
            sort={WORST_FIRST}
            rowPx={38}
          />
        )}
      </div>
    </>
  );
}
