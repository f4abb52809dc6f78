// The team whose room one is in, and what one may do there. The server decides again; this only hides what it would refuse.
import { createContext, use } from 'react';
import type { MeFragment } from '../api/documents.gen.ts';
import { ALLOWED } from '../api/policy.gen.ts';

export type Team = MeFragment['teams'][number];
export const TeamContext = createContext<Team | null>(null);

export function useTeam(): Team {
  const team = use(TeamContext);
  if (!team) throw new Error('Outside of a team');
  return team;
}

export type Action = keyof typeof ALLOWED;

/** Whether one's role in the team allows an action, by the server's own table. */
export function useCan(action: Action): boolean {
  const role = use(TeamContext)?.myRole ?? 'VIEWER';
  return ALLOWED[action].some((one) => one === role);
}
