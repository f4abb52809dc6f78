// Protected aliases and stages.
import { inTeam } from '../../auth/team.ts';
import { movesDirectly } from '../../domain/governance/guard.ts';
import { createProtection, deleteProtection, getProtections, type ProtectionRules, updateProtection } from '../../domain/governance/protections.ts';
import { toId } from '../../graphql/ids.ts';
import { ofNode } from '../../graphql/reading/find.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';
import { invalid } from '../../lib/errors.ts';
import { targetOf } from './target.ts';

const APPROVERS = ['MAINTAINER', 'ADMIN'] as const;

/** Roles that can't move aliases can't approve of it either. Throws INVALID_ARGUMENT. */
function approver(role: string, argument: string): (typeof APPROVERS)[number] {
  const found = APPROVERS.find((one) => one === role);
  if (!found) throw invalid(`'${argument}' is MAINTAINER or ADMIN: ${role} may not move aliases.`, { argument });
  return found;
}

type Given = { approverRole?: string | null; directRole?: string | null } & Omit<ProtectionRules, 'approverRole' | 'directRole'>;
const rulesOf = ({ approverRole, directRole, ...rest }: Given): ProtectionRules => ({
  ...rest,
  approverRole: approverRole == null ? null : approver(approverRole, 'approverRole'),
  ...(directRole === undefined ? {} : { directRole: directRole === null ? null : approver(directRole, 'directRole') }),
});

export const protection: Resolvers = {
  Team: {
    protections: async (it, _, { ctx }) => {
      const team = inTeam(ctx, it);
      return (await getProtections(team)).map((row) => ofTeam(team, row));
    },
  },
  RegisteredModel: {
    protections: async (it, _, { loaders }) => (await loaders.of(it.team).protections.load(it.name)).map((row) => ofTeam(it.team, row)),
  },
  Protection: {
    id: (it) => toId('Protection', it.team.team.teamId, it.protectionId),
    alias: (it) => (it.kind === 'alias' ? it.target : null),
    stage: (it) => (it.kind === 'stage' ? (it.target as never) : null),
    viewerMovesDirectly: (it) => movesDirectly(it.team, [it]),
    createdBy: (it, _, { loaders }) => (it.createdBy === null ? null : loaders.knownUser(it.createdBy)),
  },
  Mutation: {
    createProtection: async (_, { input: { team: slug, models, alias, stage, ...rules } }, context) => {
      const team = context.team(slug);
      return { protection: ofTeam(team, await createProtection(team, { models, ...targetOf({ alias, stage }), ...rulesOf(rules) })) };
    },
    updateProtection: async (_, { input: { id, ...rules } }, context) => {
      const { team, key } = ofNode(context, 'Protection', id);
      return { protection: ofTeam(team, await updateProtection(team, key, rulesOf(rules))) };
    },
    deleteProtection: async (_, { input: { id } }, context) => {
      const { team, key } = ofNode(context, 'Protection', id);
      await deleteProtection(team, key);
      return { id };
    },
  },
};
