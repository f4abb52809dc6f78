// Which runs the charts draw, how each looks, and what is said of them: those that are ticked, else the first of the table; a group as its members.
import { useMemo } from 'react';
import { useMembers, useTicked } from '../../api/charted.ts';
import { useRunGroups } from '../../api/runs.ts';
import type { TableAsk, TableRow } from '../../api/table.ts';
import type { ChartRun } from '../../charts/chart-settings.ts';
import { type Stroke, strokeOf } from '../../charts/slots.ts';
import { useSlots } from '../../charts/use-slots.ts';
import { groupName, saidOf } from './said.ts';

/** More lines than this nobody tells apart. */
const CHARTED = 10;
const CHARTED_TICKED = 100;
const GROUPS = 10;
const EACH = 20;

export type Charted = {
  runs: ChartRun[];
  /** Of those drawn, with their status. */
  rows: TableRow[];
  said: string;
  /** By run id; in groups by the group's name. */
  looks: ReadonlyMap<string, Stroke>;
  grouped: boolean;
};

const NO_GROUPS: (string | null)[][] = [];

type Asked = { asked: TableAsk; rows: TableRow[]; total: number | null; selected: ReadonlySet<string>; hidden: ReadonlySet<string>; by: string[] };

export function useCharted({ asked, rows, total, selected, hidden, by }: Asked): Charted {
  const grouped = by.length > 0;
  const found = useRunGroups(
    {
      team: asked.team,
      experimentIds: asked.experimentIds,
      filter: asked.filter,
      lifecycle: asked.lifecycle,
      by: by.map((id) => (id.startsWith('attributes.') ? id.slice(11) : id)),
      measures: [],
      orderBy: [{ direction: 'DESC' }],
    },
    grouped,
  );
  const groupText = grouped
    ? JSON.stringify((found.data?.nodes ?? []).slice(0, GROUPS).map((group) => group.by.map(({ value }) => value ?? null)))
    : '';
  const groups = useMemo(() => (groupText ? (JSON.parse(groupText) as (string | null)[][]) : NO_GROUPS), [groupText]);
  const members = useMembers(asked, by, groups, EACH);
  const loaded = useMemo(() => new Map(rows.map((row) => [row.runId, row])), [rows]);
  const ticked = useMemo(() => (grouped ? [] : [...selected].slice(0, CHARTED_TICKED)), [grouped, selected]);
  const elsewhere = useTicked(
    asked,
    useMemo(() => ticked.filter((id) => !loaded.has(id)), [ticked, loaded]),
  );
  const chosen = useMemo(() => {
    if (grouped) return (members.data ?? []).flat();
    const others = new Map((elsewhere?.rows ?? []).map((row) => [row.runId, row]));
    return ticked.length > 0 ? ticked.flatMap((id) => loaded.get(id) ?? others.get(id) ?? []) : rows.slice(0, CHARTED);
  }, [grouped, members.data, elsewhere, ticked, loaded, rows]);
  const names = useMemo(() => groups.map(groupName), [groups]);
  const nameOf = useMemo(
    () => new Map(names.flatMap((name, at) => (members.data?.[at] ?? []).map(({ runId }) => [runId, name] as const))),
    [names, members.data],
  );
  const slots = useSlots(grouped ? names : chosen.map(({ runId }) => runId));
  const looks = useMemo(() => new Map([...slots].map(([id, slot]) => [id, strokeOf(slot)])), [slots]);
  const drawn = chosen.filter(({ runId }) => !hidden.has(runId));
  // As text, so that a row that only got new values is no other run.
  const text = JSON.stringify(
    drawn.flatMap(({ runId, name, startedAt }): ChartRun[] => {
      const group = nameOf.get(runId);
      const look = looks.get(grouped ? (group ?? '') : runId);
      return look ? [{ runId, name, startedAt, ...look, ...(grouped ? { group: group! } : {}) }] : [];
    }),
  );
  const runs = useMemo(() => JSON.parse(text) as ChartRun[], [text]);
  const inside = elsewhere?.inside;
  const said = saidOf({
    drawn: runs.length,
    total,
    ticked: grouped ? 0 : selected.size,
    mostTicked: CHARTED_TICKED,
    outside: inside ? ticked.filter((id) => !loaded.has(id) && !inside.has(id)).length : 0,
    hidden: chosen.length - drawn.length,
    groups: grouped ? { drawn: names.length, all: Number(found.data?.totalCount ?? 0), each: EACH } : null,
    loading: grouped ? members.isPending : false,
  });
  return { runs, rows: drawn, said, looks, grouped };
}
