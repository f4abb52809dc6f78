// What the page offers is what the server allows: the page's copy of the table says the same for every role and action.
import { expect, it } from 'vitest';
import { type Action, can, ROLES } from '../../src/auth/policy.ts';
import { ALLOWED } from '../../web/src/api/policy.gen.ts';

it('allows each action to the roles that the server allows it to', () => {
  const actions = Object.keys(ALLOWED) as Action[];
  expect(actions.length).toBeGreaterThan(10);
  for (const action of actions) expect(ALLOWED[action], action).toEqual(ROLES.filter((role) => can(role, action)));
});
