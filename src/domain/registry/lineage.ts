// What a model version was made from: its run, that run's data, code, params and models, and the version it is a copy of.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { findVersions } from '../../db/registry/versions.ts';
import { type DatasetInput, inputsByRuns } from '../tracking/datasets.ts';
import { runParams, runTags } from '../tracking/runData.ts';
import { getRuns, type Run } from '../tracking/runs.ts';
import { parseVersion, type Tag } from './checks.ts';
import type { ModelVersion } from './versions.ts';

const CODE_TAGS = {
  sourceName: 'mlflow.source.name',
  sourceType: 'mlflow.source.type',
  gitCommit: 'mlflow.source.git.commit',
  gitBranch: 'mlflow.source.git.branch',
  gitRepoUrl: 'mlflow.source.git.repoURL',
  entryPoint: 'mlflow.project.entryPoint',
  projectEnv: 'mlflow.project.env',
} as const;

/** The tags that `codeOf` looks at. */
export const CODE_KEYS = Object.values(CODE_TAGS);

export type Code = { [K in keyof typeof CODE_TAGS]: string | null };
export type Lineage = {
  /** Null when the version names no run of this team. The rest of the lineage is the run's. */
  run: Run | null;
  datasets: DatasetInput[];
  params: { key: string; value: string }[];
  code: Code | null;
  /** The logged models that the run read, with their `m-`. */
  parents: string[];
  copyOf: ModelVersion | null;
};

export async function versionLineage(ctx: TeamCtx, version: ModelVersion): Promise<Lineage> {
  return (await versionLineages(ctx, [version]))[0]!;
}

/** For loaders: in the order of `versions`, in as many statements as for one. */
export async function versionLineages(ctx: TeamCtx, versions: ModelVersion[]): Promise<Lineage[]> {
  requireCan(ctx, 'team:read');
  const runs = new Map((await getRuns(ctx, [...new Set(versions.flatMap(({ runId }) => runId ?? []))])).map((run) => [run.runId, run]));
  const runIds = [...runs.keys()];
  const [params, tags, inputs] = await Promise.all([runParams(ctx, runIds), runTags(ctx, runIds, { keys: CODE_KEYS }), inputsByRuns(ctx, runIds)]);
  const named = versions.map(({ source }) => copiedFrom(source));
  const wanted = named.flatMap((one) => one ?? []);
  const originals = wanted.length > 0 ? await findVersions(ctx.db, ctx.team.teamId, wanted) : [];

  return versions.map(({ runId }, index) => {
    const run = runs.get(runId ?? '') ?? null;
    const read = run ? inputs.get(run.runId) : undefined;
    const from = named[index];
    return {
      run,
      datasets: read?.datasets ?? [],
      params: run ? (params.get(run.runId) ?? []) : [],
      code: run ? codeOf(tags.get(run.runId) ?? []) : null,
      parents: read?.models.map((model) => model.modelId) ?? [],
      copyOf: originals.find((original) => original.name === from?.name && original.version === from.version) ?? null,
    };
  });
}

export function codeOf(tags: Tag[]): Code {
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  return Object.fromEntries(Object.entries(CODE_TAGS).map(([field, tag]) => [field, values.get(tag) ?? null])) as Code;
}

/** The version that a source `models:/<name>/<number>` names; aliases and stages have moved on since, so they say nothing. */
function copiedFrom(source: string): { name: string; version: number } | null {
  const [, name, version] = /^models:\/+([^/]+)\/(\d+)$/i.exec(source) ?? [];
  return name && version ? { name, version: parseVersion(version) } : null;
}
