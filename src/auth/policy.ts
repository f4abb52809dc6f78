// Who may do what in a team: one table of actions × the least role that may. Server administration is apart (Viewer.isServerAdmin).
import { AppError } from '../lib/errors.ts';

export const ROLES = ['VIEWER', 'CONTRIBUTOR', 'MAINTAINER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

const LEAST_ROLE = {
  'team:read': 'VIEWER',
  'run:write': 'CONTRIBUTOR',
  'run:delete-own': 'CONTRIBUTOR',
  'run:delete-any': 'MAINTAINER',
  'experiment:write': 'CONTRIBUTOR',
  'experiment:delete': 'MAINTAINER',
  'artifact:write': 'CONTRIBUTOR',
  'artifact:delete-own': 'CONTRIBUTOR',
  'artifact:change-any': 'MAINTAINER',
  'logged-model:delete-own': 'CONTRIBUTOR',
  'logged-model:delete-any': 'MAINTAINER',
  'model:write': 'CONTRIBUTOR',
  'model:promote': 'MAINTAINER',
  'model:delete': 'MAINTAINER',
  'promotion:request': 'CONTRIBUTOR',
  'promotion:decide': 'MAINTAINER',
  'protection:manage': 'ADMIN',
  'webhook:manage': 'MAINTAINER',
  'view:share': 'MAINTAINER',
  'member:manage': 'ADMIN',
  'account:manage': 'ADMIN',
  'audit:read': 'ADMIN',
  'token:manage-others': 'ADMIN',
  'data:purge': 'ADMIN',
  'team:settings': 'ADMIN',
} as const satisfies Record<string, Role>;

export type Action = keyof typeof LEAST_ROLE;

const RANK = Object.fromEntries(ROLES.map((role, index) => [role, index])) as Record<Role, number>;
export const roleAtLeast = (role: Role, least: Role) => RANK[role] >= RANK[least];
export const lesserRole = (a: Role, b: Role) => (RANK[a] < RANK[b] ? a : b);
export const can = (role: Role, action: Action) => roleAtLeast(role, LEAST_ROLE[action]);

/** Throws FORBIDDEN, naming the role that it takes, unless the viewer's role in the team of `ctx` allows the action. */
export function requireCan(ctx: { team: { slug: string; role: Role } }, action: Action): void {
  if (!can(ctx.team.role, action)) {
    throw new AppError(
      'FORBIDDEN',
      `This needs the role ${LEAST_ROLE[action]} in the team '${ctx.team.slug}', and yours (or your token's) is ${ctx.team.role}. Ask an administrator of the team.`,
      { action, team: ctx.team.slug },
    );
  }
}
