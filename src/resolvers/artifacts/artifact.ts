// Artifacts of runs and logged models: lists with addresses that download, and where to send files.
import type { TeamCtx } from '../../context.ts';
import { listHomeArtifacts, removeRunArtifact } from '../../domain/artifacts/files.ts';
import { directReadUrl, signArtifactUrl } from '../../domain/artifacts/links.ts';
import { placeIn } from '../../domain/artifacts/locations.ts';
import { abortArtifactUpload, completeArtifactUpload, createArtifactUpload } from '../../domain/artifacts/partUploads.ts';
import { teamOfRun } from '../../graphql/reading/find.ts';
import { type Artifact, type Home, ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

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
    createArtifactUpload: async (_, { input: { runId, path, sizeBytes, uploadId } }, context) => {
      const team = await teamOfRun(context, runId);
      const { headers, ...upload } = await createArtifactUpload(team, runId, path, { size: sizeBytes ?? undefined, uploadId: uploadId ?? undefined });
      return { ...upload, headers: Object.entries(headers).map(([name, value]) => ({ name, value })) };
    },
    completeArtifactUpload: async (_, { input: { runId, path, uploadId, parts } }, context) => ({
      path,
      sizeBytes: await completeArtifactUpload(await teamOfRun(context, runId), runId, path, uploadId, parts),
    }),
    abortArtifactUpload: async (_, { input: { runId, path, uploadId } }, context) => {
      await abortArtifactUpload(await teamOfRun(context, runId), runId, path, uploadId);
      return { path };
    },
    deleteArtifact: async (_, { input: { runId, path } }, context) => {
      await removeRunArtifact(await teamOfRun(context, runId), runId, path);
      return { path };
    },
  },
};
