// The team whose room one is in, and what one may do there. The server decides again; this only hides what it would refuse.
import { createContext, use } from 'react';
import type { MeFragment, Role } from '../api/documents.gen.ts';

export type Team = MeFragment['teams'][number];
export const TeamContext = createContext<Team | null>(null);

export function useTeam(): Team {
  const team = use(TeamContext);
  if (!team) throw new Error('Outside of a team');
  return team;
}

const RANK: Record<Role, number> = { VIEWER: 0, CONTRIBUTOR: 1, MAINTAINER: 2, ADMIN: 3 };
export const useCan = (role: Role): boolean => RANK[use(TeamContext)?.myRole ?? 'VIEWER'] >= RANK[role];
