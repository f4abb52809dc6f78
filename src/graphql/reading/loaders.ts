// Every read that hangs on a row, batched over the request: one statement for all rows that ask. Remembered until a mutation has run.
import DataLoader from 'dataloader';
import type { Ctx, TeamCtx } from '../../context.ts';
import { type Home, modelHome, runHome } from '../../domain/artifacts/locations.ts';
import { protectionsByModels } from '../../domain/governance/protections.ts';
import { type PromotionRequest, promotionRequestsByIds, votesByRequests } from '../../domain/governance/requests.ts';
import { standings } from '../../domain/governance/standing.ts';
import { serviceAccountsByIds } from '../../domain/people/serviceAccounts.ts';
import { getTeamSlugs } from '../../domain/people/teams.ts';
import { getUsers, type User } from '../../domain/people/users.ts';
import { versionLineages } from '../../domain/registry/lineage.ts';
import { describeLoggedModel, describeVersion } from '../../domain/registry/modelFiles.ts';
import { registeredModelsByIds } from '../../domain/registry/models.ts';
import {
  getModelVersions,
  latestVersionsByModels,
  type ModelVersion,
  versionsByLoggedModels,
  versionsByRuns,
} from '../../domain/registry/versions.ts';
import { inputsByRuns } from '../../domain/tracking/datasets.ts';
import { getExperimentsByIds } from '../../domain/tracking/experiments.ts';
import { loggedModelsByIds, loggedModelsByRuns } from '../../domain/tracking/loggedModels.ts';
import { type Choice, quietValues, type RunMetric, runMetrics, runParams, runParamsAndTags, runTags } from '../../domain/tracking/runData.ts';
import { getRuns } from '../../domain/tracking/runs.ts';
import { teamsOfLoggedModels, teamsOfRuns } from '../../domain/tracking/teamsOf.ts';
import { recentDeliveries, type WebhookDelivery } from '../../domain/webhooks/webhooks.ts';
import { seriesLoader } from './series.ts';
import { valuesLoader, wholeOr } from './values.ts';

type LatestMetric = Pick<RunMetric, 'key' | 'value' | 'step' | 'timestamp'>;

/** A loader over a function that reads many keys into a map. `missing` is what keys without an entry get. */
function byKey<K, V>(read: (keys: K[]) => Promise<Map<K, V>>, missing: (key: K) => V): DataLoader<K, V> {
  return new DataLoader(async (keys) => {
    const found = await read([...keys]);
    return keys.map((key) => (found.has(key) ? found.get(key)! : missing(key)));
  });
}

const index = <K, V>(rows: V[], keyOf: (row: V) => K): Map<K, V> => new Map(rows.map((row) => [keyOf(row), row]));
const versionKey = ({ name, version }: { name: string; version: number }) => `${version} ${name}`;
const none = () => [];
const nothing = () => null;

function teamLoaders(team: TeamCtx) {
  const whole = byKey((runIds: string[]) => quietValues(team, runIds), nothing);
  // Params and tags of runs that aren't quiet: asked for together, they are one statement.
  const both = byKey((runIds: string[]) => runParamsAndTags(team, runIds), nothing);
  const allOf = (kind: 'params' | 'tags') => async (runIds: string[]) =>
    new Map((await Promise.all(runIds.map((runId) => both.load(runId)))).map((values, at) => [runIds[at]!, values?.[kind] ?? []]));
  const metrics = (runIds: string[], choice: Choice) => runMetrics(team, runIds, choice);
  return {
    experiment: byKey(async (ids: number[]) => index(await getExperimentsByIds(team, ids), (row) => row.experimentId), nothing),
    serviceAccount: byKey(async (ids: number[]) => index(await serviceAccountsByIds(team, ids), (row) => row.userId), nothing),
    deliveries: deliveryLoaders(team),
    run: byKey(async (ids: string[]) => index(await getRuns(team, ids), (row) => row.runId), nothing),
    params: valuesLoader(
      wholeOr(whole, ({ params }) => params, { all: allOf('params'), chosen: (runIds, choice) => runParams(team, runIds, choice) }),
    ),
    tags: valuesLoader(wholeOr(whole, ({ tags }) => tags, { all: allOf('tags'), chosen: (runIds, choice) => runTags(team, runIds, choice) })),
    metrics: valuesLoader(metrics),
    /** Latest points alone, without statistics. */
    latest: valuesLoader<LatestMetric>(
      wholeOr(whole, (values): LatestMetric[] => values.metrics, { all: (runIds) => metrics(runIds, {}), chosen: metrics }),
    ),
    inputs: byKey(
      (runIds: string[]) => inputsByRuns(team, runIds),
      () => ({ datasets: [], models: [] }),
    ),
    outputs: byKey((runIds: string[]) => loggedModelsByRuns(team, runIds), none),
    runVersions: byKey((runIds: string[]) => versionsByRuns(team, runIds), none),
    series: seriesLoader(team),
    runHome: new DataLoader<string, Home>((runIds) => Promise.all(runIds.map((runId) => runHome(team, runId)))),
    loggedModel: byKey((ids: string[]) => loggedModelsByIds(team, ids), nothing),
    loggedModelVersions: byKey((ids: string[]) => versionsByLoggedModels(team, ids), none),
    loggedModelHome: new DataLoader<string, Home>((ids) => Promise.all(ids.map((id) => modelHome(team, id)))),
    loggedModelFile: new DataLoader((ids: readonly string[]) => Promise.all(ids.map((id) => describeLoggedModel(team, id)))),
    registeredModel: byKey(async (ids: number[]) => index(await registeredModelsByIds(team, ids), (row) => row.registeredModelId), nothing),
    protections: new DataLoader((names: readonly string[]) => protectionsByModels(team, names)),
    promotionRequest: byKey(async (ids: string[]) => index(await promotionRequestsByIds(team, ids), (row) => row.requestId), nothing),
    votes: new DataLoader((ids: readonly string[]) => votesByRequests(team, ids)),
    standing: new DataLoader((requests: readonly PromotionRequest[]) => standings(team, requests)),
    latestVersions: byKey((ids: number[]) => latestVersionsByModels(team, ids), none),
    version: new DataLoader<{ name: string; version: number }, ModelVersion | null, string>(
      async (wanted) => {
        const found = index(await getModelVersions(team, [...wanted]), versionKey);
        return wanted.map((one) => found.get(versionKey(one)) ?? null);
      },
      { cacheKeyFn: versionKey },
    ),
    lineage: new DataLoader((versions: readonly ModelVersion[]) => versionLineages(team, [...versions])),
    versionFile: new DataLoader((versions: readonly ModelVersion[]) =>
      Promise.all(versions.map((one) => describeVersion(team, one.name, one.version))),
    ),
  };
}

/** A loader for each length of list that a request asks for. */
function deliveryLoaders(team: TeamCtx) {
  const loaders = new Map<number, DataLoader<string, WebhookDelivery[]>>();
  return (each: number) => {
    const known = loaders.get(each) ?? byKey((ids: string[]) => recentDeliveries(team, ids, each), none);
    loaders.set(each, known);
    return known;
  };
}

export type TeamLoaders = ReturnType<typeof teamLoaders>;

const makeGlobal = (ctx: () => Ctx) => ({
  user: byKey(async (ids: number[]) => index(await getUsers(ctx(), ids), (row) => row.userId), goneUser),
  teamSlug: byKey<number, string | null>((ids) => getTeamSlugs(ctx(), ids), nothing),
  teamOfRun: byKey<string, TeamCtx | null>((runIds) => teamsOfRuns(ctx(), runIds), nothing),
  teamOfLoggedModel: byKey<string, TeamCtx | null>((ids) => teamsOfLoggedModels(ctx(), ids), nothing),
});

/** Rows keep the number of whoever made them; the person may be gone. */
const goneUser = (userId: number): User => ({
  userId,
  email: '',
  name: 'deleted user',
  isAdmin: false,
  disabledAt: null,
  createdAt: new Date(0),
  kind: 'USER',
  teamId: null,
  removedAt: null,
});

export type Loaders = ReturnType<typeof makeGlobal> & {
  /** Null for one who is gone. */
  knownUser(userId: number): Promise<User | null>;
  /** The user, where they are a service account. */
  account(userId: number): Promise<User | null>;
  of(team: TeamCtx): TeamLoaders;
  /** Forgets everything read, since a mutation has changed something. */
  clear(): void;
};

/** `ctx` is asked for late: a request without credentials has loaders and may not use them. */
export function makeLoaders(ctx: () => Ctx): Loaders {
  const teams = new Map<number, TeamLoaders>();
  const global = makeGlobal(ctx);
  const user = (userId: number, is: (user: User) => boolean) => global.user.load(userId).then((found) => (is(found) ? found : null));
  return {
    ...global,
    knownUser: (userId) => user(userId, (found) => found.createdAt.getTime() > 0),
    account: (userId) => user(userId, (found) => found.kind === 'SERVICE_ACCOUNT'),
    of(team) {
      const known = teams.get(team.team.teamId) ?? teamLoaders(team);
      teams.set(team.team.teamId, known);
      return known;
    },
    clear() {
      teams.clear();
      for (const loader of Object.values(global)) loader.clearAll();
    },
  };
}
