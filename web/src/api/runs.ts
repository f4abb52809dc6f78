// Reading runs by id with all they have, which keys there are, and groups. The table of runs reads by table.ts.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { columnOf, type KeyUse, type RunKeys } from '../runs/table/columns.ts';
import { ApiError } from './client.ts';
import {
  AnyRunDocument,
  type GroupOrder,
  type Measure,
  RunGroupsDocument,
  RunKeysDocument,
  type RunRowFragment,
  RunsDocument,
} from './documents.gen.ts';
import { queryKeys } from './query-keys.ts';
import { ask } from './session.ts';
import type { TableAsk } from './table.ts';

/** A run with its values by key, so that a cell finds its own in one step. */
export type RunRow = Omit<RunRowFragment, 'params' | 'metrics' | 'tags'> & {
  params: Map<string, string>;
  metrics: Map<string, RunRowFragment['metrics'][number]>;
  tags: Map<string, string>;
};
const POLL_MS = { busy: 3_000, calm: 10_000 };

const rowOf = ({ params, metrics, tags, ...run }: RunRowFragment): RunRow => ({
  ...run,
  params: new Map(params.map(({ key, value }) => [key, value])),
  metrics: new Map(metrics.map((metric) => [metric.key, metric])),
  tags: new Map(tags.map(({ key, value }) => [key, value])),
});

/** Some runs by id with all their values, in the order given; what isn't there is left out. */
export function useFullRuns(team: string, ids: string[]) {
  return useQuery({
    queryKey: queryKeys.runsById(team, ids),
    enabled: ids.length > 0,
    queryFn: async ({ signal }): Promise<RunRow[]> => {
      const where = { attribute: { key: 'run_id', op: 'IN' as const, values: ids } };
      const { team: found } = await ask(
        RunsDocument,
        { team, where, lifecycle: 'ALL', first: ids.length, params: null, metrics: null, tags: null, count: false },
        signal,
      );
      const rows = new Map((found?.runs.nodes ?? []).map((node) => [node.runId, rowOf(node)]));
      return ids.flatMap((id) => rows.get(id) ?? []);
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'RUNNING') ? POLL_MS.busy : false),
  });
}

const MAX_KEYS = 500;

/** Which keys there are, those in most runs first. */
export function useRunKeys(team: string, experimentIds: string[] | null, enabled: boolean) {
  return useQuery({
    queryKey: queryKeys.runKeys(team, experimentIds),
    enabled,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<RunKeys> => {
      const { team: found } = await ask(RunKeysDocument, { team, experimentIds, first: MAX_KEYS }, signal);
      const order = (keys: KeyUse[]) => keys.sort((a, b) => b.runs - a.runs || a.key.localeCompare(b.key));
      return {
        params: order(found?.params ?? []),
        metrics: order(found?.metrics ?? []),
        tags: order((found?.tags ?? []).filter(({ key }) => !key.startsWith('mlflow.'))),
        empty: (found?.runs.nodes.length ?? 0) === 0,
      };
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.empty ? POLL_MS.busy : 30_000),
  });
}

export type GroupAsk = Pick<TableAsk, 'team' | 'experimentIds' | 'filter' | 'lifecycle'> & {
  by: string[];
  measures: Measure[];
  orderBy: GroupOrder[];
};

/** The first 200 groups. */
export function useRunGroups(asked: GroupAsk) {
  return useQuery({
    queryKey: queryKeys.runGroups(asked.team, asked),
    queryFn: async ({ signal }) => {
      const { team } = await ask(RunGroupsDocument, { ...asked, filter: asked.filter || null }, signal);
      if (!team) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
      return team.runGroups;
    },
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS.calm,
  });
}

const NO_VALUES: string[] = [];
const STATUSES = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED'];

/** What runs have there, the most frequent first: for completion. `field` is a param, tag, `attributes.user_id` or `attributes.status`; none of others. */
export function useKeyValues(team: string, experimentIds: string[] | null, field: string | null): string[] {
  const by = field === 'attributes.user_id' ? 'user_id' : field && /^(params|tags)\../.test(field) ? columnOf(field).wire : null;
  const { data } = useQuery({
    queryKey: queryKeys.keyValues(team, experimentIds, by),
    enabled: by !== null,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const orderBy: GroupOrder[] = [{ direction: 'DESC' }];
      const asked = { team, experimentIds, filter: null, by: [by!], measures: [], orderBy, lifecycle: 'ACTIVE' as const };
      return ((await ask(RunGroupsDocument, asked, signal)).team?.runGroups.nodes ?? []).flatMap(({ by: [of] }) => of?.value ?? []);
    },
  });
  return field === 'attributes.status' ? STATUSES : (data ?? NO_VALUES);
}

/** Whether the team has any run at all; keeps asking until it does. */
export function useAnyRun(team: string, enabled: boolean) {
  return useQuery({
    queryKey: queryKeys.anyRun(team),
    enabled,
    staleTime: 60_000,
    queryFn: async ({ signal }) => ((await ask(AnyRunDocument, { team }, signal)).team?.runs.nodes.length ?? 0) > 0,
    refetchInterval: ({ state }) => (state.data === false ? 2_000 : false),
  });
}
