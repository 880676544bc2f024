import type { ColumnDef } from "@tanstack/react-table";
import { useDeferredValue, useMemo, useState } from "react";
import type { GroupState } from "../api/monitorModel";
import { useMute, useUnmute } from "../api/monitors";
import type { Unit } from "../api/query";
import { agoText, stamp } from "../format/clock";
import { formatValue } from "../format/units";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { SearchField } from "../ui/SearchField";
import { toast } from "../ui/toast";
import { VirtualTable } from "../ui/VirtualTable";
import { MUTES, untilOf, type MuteChoice } from "./mute";
import { groupText, severity } from "./status";
import { MutedMark, StatusMark } from "./StatusMark";

interface Props {
  id: string;
  groups: GroupState[];
  total: number;
  unit: Unit | null;
  nowMs: number;
  chosen: string;
  onGroup: (group: string) => void;
}

/** The groups as they are now: which one, since when, at what value; each can be muted alone. */
export function GroupsTable({ id, groups, total, unit, nowMs, chosen, onGroup }: Props) {
  const [search, setSearch] = useState("");
  const text = useDeferredValue(search.toLowerCase());
  const mute = useMute();
  const unmute = useUnmute();
  const rows = useMemo(() => {
    const words = text.split(/\s+/).filter(Boolean);
    return groups.filter(({ group, status }) =>
      words.every((word) => `${group} ${status}`.toLowerCase().includes(word)),
    );
  }, [groups, text]);
  const columns = useMemo(() => {
    const failed = (error: Error) => toast(error.message, "bad");
    const onMute = (group: string, choice: MuteChoice) =>
      mute.mutate(
        { id, scope: group, untilMs: untilOf(choice) },
        { onSuccess: () => toast(`Muted ${groupText(group)}`), onError: failed },
      );
    const onUnmute = (group: string) =>
      unmute.mutate({ id, scope: group }, { onSuccess: () => toast(`Unmuted ${groupText(group)}`), onError: failed });
    return columnsOf(nowMs, unit, onMute, onUnmute);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the mutations are new with every render; their functions stay
  }, [id, nowMs, unit, mute.mutate, unmute.mutate]);
  return (
    <section className="card groups-card" aria-label="Groups">
      <header className="card-head">
        <h2 className="grow">
          Groups <span className="dim">{total > groups.length ? `the worst ${groups.length} of ${total}` : total}</span>
        </h2>
        <SearchField value={search} onChange={setSearch} label="Find a group or status" />
      </header>
      <div className="groups-table" style={{ height: Math.min(420, 34 + Math.max(1, rows.length) * 32) }}>
        <VirtualTable
          label="Groups"
          rows={rows}
          columns={columns}
          idOf={({ group }) => group}
          selected={chosen}
          onOpen={({ group }) => onGroup(group === chosen ? "" : group)}
          sort={[{ id: "status", desc: true }]}
        />
      </div>
    </section>
  );
}

function columnsOf(
  nowMs: number,
  unit: Unit | null,
  onMute: (group: string, choice: MuteChoice) => void,
  onUnmute: (group: string) => void,
): ColumnDef<GroupState>[] {
  const ago = (
    id: "since_ms" | "last_triggered_ms" | "last_seen_ms" | "notified_ms",
    header: string,
  ): ColumnDef<GroupState> => ({
    id,
    header,
    accessorFn: (row) => row[id] ?? 0,
    meta: { width: "98px" },
    cell: ({ row }) => {
      const ms = row.original[id];
      return (
        <span className="dim" title={ms ? stamp(ms) : undefined}>
          {agoText(ms, nowMs)}
        </span>
      );
    },
  });
  return [
    {
      id: "status",
      header: "Status",
      accessorFn: ({ status }) => severity(status),
      meta: { width: "92px" },
      cell: ({ row }) => <StatusMark status={row.original.status} />,
    },
    {
      id: "group",
      header: "Group",
      accessorFn: ({ group }) => group,
      sortDescFirst: false,
      meta: { width: "minmax(180px, 2fr)" },
      cell: ({ row }) => (
        <span className="mono" title={groupText(row.original.group)}>
          {groupText(row.original.group)}
        </span>
      ),
    },
    {
      id: "value",
      header: "Value",
      accessorFn: ({ value }) => value ?? -Infinity,
      meta: { width: "92px", align: "num" },
      cell: ({ row }) => formatValue(row.original.value, unit),
    },
    ago("since_ms", "Since"),
    ago("last_triggered_ms", "Triggered"),
    ago("last_seen_ms", "Last data"),
    ago("notified_ms", "Told"),
    {
      id: "muted",
      header: "Muted",
      enableSorting: false,
      meta: { width: "112px" },
      cell: ({ row: { original: row } }) => (
        <span className="group-mute">
          <MutedMark muted={row.muted} />
          {row.muted ? (
            <IconButton icon="monitors" label={`Unmute ${groupText(row.group)}`} onClick={() => onUnmute(row.group)} />
          ) : (
            <Menu
              trigger={<IconButton icon="mute" label={`Mute ${groupText(row.group)}`} />}
              items={MUTES.map((choice) => ({ label: choice.label, onSelect: () => onMute(row.group, choice) }))}
            />
          )}
        </span>
      ),
    },
  ];
}
