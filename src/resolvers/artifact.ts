// Artifacts of runs and logged models: lists with addresses that download, and where to send files.
import type { TeamCtx } from '../context.ts';
import { createArtifactUpload, directReadUrl, signArtifactUrl } from '../domain/artifactLinks.ts';
import { placeIn } from '../domain/artifactPlaces.ts';
import { listHomeArtifacts, removeRunArtifact } from '../domain/artifacts.ts';
import { teamOfRun } from './find.ts';
import { type Artifact, type Home, ofTeam } from './rows.ts';
import type { Resolvers } from './types.gen.ts';

/** Folders first, then by name. At most 1,000. */
export async function artifactsIn(team: TeamCtx, home: Home, path: string): Promise<Artifact[]> {
  const { artifacts } = await listHomeArtifacts(team, home, path, {});
  const sorted = artifacts.sort((a, b) => Number(b.isDir) - Number(a.isDir) || (a.path < b.path ? -1 : 1));
  return sorted.map((row) => ({ ...ofTeam(team, row), home }));
}

export const artifact: Resolvers = {
  ArtifactEntry: {
    name: (it) => it.path.slice(it.path.lastIndexOf('/') + 1),
    isDirectory: (it) => it.isDir,
    sizeBytes: (it) => it.size,
    url: async (it) => {
      if (it.isDir) return null;
      const place = placeIn(it.team, it.home, it.path);
      return (await directReadUrl(it.team, place)) ?? signArtifactUrl(it.team, place);
    },
  },
  Mutation: {
    createArtifactUpload: async (_, { input: { runId, path, sizeBytes } }, context) => {
      const team = await teamOfRun(context, runId);
      const { method, url, headers } = await createArtifactUpload(team, runId, path, sizeBytes == null ? undefined : Number(sizeBytes));
      return { method, url, headers: Object.entries(headers).map(([name, value]) => ({ name, value })) };
    },
    deleteArtifact: async (_, { input: { runId, path } }, context) => {
      await removeRunArtifact(await teamOfRun(context, runId), runId, path);
      return { path };
    },
  },
};
