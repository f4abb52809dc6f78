// The audit log of a team and of the server.
import { inTeam } from '../../auth/team.ts';
import { type AuditEntry, type AuditSearch, getAuditLog, getServerAuditLog } from '../../domain/people/audit.ts';
import { cutPage, pageSize } from '../../graphql/connections.ts';
import { cursorKey, keyCursor } from '../../graphql/ids.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

type Args = { where?: AuditSearch | null; first?: number | null; after?: string | null };
type Read = (search: AuditSearch, page: { beforeEntryId: bigint | null; limit: number }) => Promise<AuditEntry[]>;

async function page({ where, first, after }: Args, read: Read) {
  const size = pageSize(first);
  const key = cursorKey(after);
  // What is no number begins behind the end of the list.
  const beforeEntryId = key === null ? null : /^\d{1,18}$/.test(key) ? BigInt(key) : 0n;
  const rows = await read(where ?? {}, { beforeEntryId, limit: size + 1 });
  return cutPage(
    rows,
    size,
    after,
    (row) => keyCursor(String(row.entryId)),
    (row) => row,
  );
}

export const audit: Resolvers = {
  Query: {
    auditLog: (_, args, { ctx }) => page(args, (search, at) => getServerAuditLog(ctx, search, at)),
  },
  Team: {
    auditLog: (it, args, { ctx }) => page(args, (search, at) => getAuditLog(inTeam(ctx, it), search, at)),
  },
  AuditEntry: {
    actorName: (it) => it.actor,
    actor: (it, _, { loaders }) => (it.actorId === null ? null : loaders.knownUser(it.actorId)),
  },
};
