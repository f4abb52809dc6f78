// Artifacts of runs and logged models: lists with addresses that download, and where to send files.
import type { TeamCtx } from '../../context.ts';
import { findHomeArtifact, listHomeArtifacts, removeRunArtifact } from '../../domain/artifacts/files.ts';
import { directReadUrl, signArtifactUrl } from '../../domain/artifacts/links.ts';
import { placeIn } from '../../domain/artifacts/locations.ts';
import { abortArtifactUpload, completeArtifactUpload, createArtifactUpload } from '../../domain/artifacts/multipartUploads.ts';
import { pageSize, toPage } from '../../graphql/connections.ts';
import { cursorKey, keyCursor } from '../../graphql/ids.ts';
import { teamOfRun } from '../../graphql/reading/find.ts';
import { type Artifact, type Home, ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';
import { invalid } from '../../lib/errors.ts';

/** Folders first, then by name. At most 1,000. */
export async function artifactsIn(team: TeamCtx, home: Home, path: string): Promise<Artifact[]> {
  const { artifacts } = await listHomeArtifacts(team, home, path, {});
  const sorted = artifacts.sort((a, b) => Number(b.isDir) - Number(a.isDir) || (a.path < b.path ? -1 : 1));
  return sorted.map((row) => ({ ...ofTeam(team, row), home }));
}

/** A page of a folder, in the order of the store. */
export async function artifactEntries(team: TeamCtx, home: Home, args: { path?: string | null; first?: number | null; after?: string | null }) {
  const key = cursorKey(args.after);
  const { artifacts, next } = await listHomeArtifacts(team, home, args.path ?? '', {
    limit: pageSize(args.first),
    ...(key === null ? {} : { after: decodeMark(key) }),
  });
  const edges = artifacts.map((row) => ({ cursor: keyCursor(encodeURIComponent(markOf(row))), node: { ...ofTeam(team, row), home } }));
  return toPage<Artifact>(edges, next !== null, args.after);
}

/** Where an entry stands in its folder's list. */
const markOf = ({ path, isDir }: { path: string; isDir: boolean }) => `${path.slice(path.lastIndexOf('/') + 1)}${isDir ? '/' : ''}`;

function decodeMark(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    throw invalid("This isn't a cursor of this list. Give an `endCursor` or `cursor` that it returned.", { argument: 'after' });
  }
}

export async function artifactEntry(team: TeamCtx, home: Home, path: string): Promise<Artifact | null> {
  const found = await findHomeArtifact(team, home, path);
  return found && { ...ofTeam(team, found), home };
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
