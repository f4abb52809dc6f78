// Invitations as rows. Rules about who may see or change them are in src/domain/people/invitations.ts.
import type { Role } from '../../auth/policy.ts';
import { hexId } from '../../lib/ids.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

export type Invitation = {
  teamId: number;
  invitationId: string;
  email: string;
  role: Role;
  invitedBy: number | null;
  createdAt: Date;
  expiresAt: Date;
  acceptedAt: Date | null;
  acceptedBy: number | null;
  revokedAt: Date | null;
};
const INVITATION = {
  teamId: true,
  invitationId: true,
  email: true,
  role: true,
  invitedBy: true,
  createdAt: true,
  expiresAt: true,
  acceptedAt: true,
  acceptedBy: true,
  revokedAt: true,
} as const;
type Raw = Omit<Invitation, 'role'> & { role: string };
const asInvitation = (row: Raw): Invitation => ({ ...row, invitationId: hexId(row.invitationId), role: row.role as Role });

type Hash = Uint8Array<ArrayBuffer>;
export type NewInvitation = Pick<Invitation, 'invitationId' | 'email' | 'role' | 'createdAt' | 'expiresAt'> & { tokenHash: Hash; invitedBy: number };

export async function insertInvitation(people: Prisma, teamId: number, made: NewInvitation): Promise<Invitation> {
  return asInvitation(await people.invitation.create({ data: { teamId, ...made }, select: INVITATION }));
}

/** Newest first: ids are made in the order of time. */
export async function listInvitationRows(people: Prisma, teamId: number, page: { after: string | null; limit: number }): Promise<Invitation[]> {
  const where = { teamId, ...(page.after === null ? {} : { invitationId: { lt: page.after } }) };
  const rows = await people.invitation.findMany({ where, orderBy: { invitationId: 'desc' }, take: page.limit, select: INVITATION });
  return rows.map(asInvitation);
}

export async function findInvitation(people: Prisma, teamId: number, invitationId: string): Promise<Invitation | undefined> {
  const row = await people.invitation.findUnique({ where: { teamId_invitationId: { teamId, invitationId } }, select: INVITATION });
  return row ? asInvitation(row) : undefined;
}

const open = (tokenHash: Hash, now: Date) => ({ tokenHash, acceptedAt: null, revokedAt: null, expiresAt: { gt: now } });

/** By the hash of a secret, before anything is known of the team. Undefined when it is unknown, used, revoked or expired. */
export async function findOpenInvitation(people: Prisma, tokenHash: Hash, now: Date): Promise<(Invitation & { teamSlug: string }) | undefined> {
  const row = await people.invitation.findFirst({ where: open(tokenHash, now), select: INVITATION });
  const team = row && (await people.team.findUnique({ where: { teamId: row.teamId }, select: { slug: true } }));
  return row && team ? { ...asInvitation(row), teamSlug: team.slug } : undefined;
}

/** Uses it up: of two who come at once, one gets it. */
export async function takeInvitation(people: Prisma, tokenHash: Hash, now: Date, userId: number): Promise<boolean> {
  const { count } = await people.invitation.updateMany({ where: open(tokenHash, now), data: { acceptedAt: now, acceptedBy: userId } });
  return count > 0;
}

/** False when it was accepted or revoked before. */
export async function revokeInvitationRow(people: Prisma, teamId: number, invitationId: string, now: Date): Promise<boolean> {
  const where = { teamId, invitationId, revokedAt: null, acceptedAt: null };
  return (await people.invitation.updateMany({ where, data: { revokedAt: now } })).count > 0;
}
