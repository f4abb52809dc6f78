// People for tests: users with passwords, members of teams, signed in.
import { ADMIN_EMAIL, ADMIN_PASSWORD, type CallOptions, type TestApp } from './app.ts';

export const PASSWORD = 'a good long password';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

/** The data of a query that must succeed. */
export async function data(app: TestApp, query: string, variables: Record<string, unknown> = {}, options?: CallOptions): Promise<Loose> {
  const { body } = await app.graphql(query, variables, options);
  if (body.errors) throw new Error(`${query.slice(0, 100)}: ${JSON.stringify(body.errors)}`);
  return body.data;
}

/** The codes of a query that must fail. */
export async function codes(app: TestApp, query: string, variables: Record<string, unknown> = {}, options?: CallOptions): Promise<string[]> {
  const { body } = await app.graphql(query, variables, options);
  return (body.errors ?? []).map((error: { extensions: { code: string } }) => error.extensions.code);
}

export async function signIn(app: TestApp, email = ADMIN_EMAIL, password = ADMIN_PASSWORD): Promise<{ accessToken: string; refreshToken: string }> {
  const query = 'mutation($e: String!, $p: String!) { signIn(input: {email: $e, password: $p}) { accessToken refreshToken expiresAt } }';
  return (await data(app, query, { e: email, p: password }, { token: null })).signIn;
}

/** A new user who is a member of `team` (if named), signed in. */
export async function seedPerson(app: TestApp, email: string, team?: string, role = 'ADMIN'): Promise<{ userId: number; token: string }> {
  const create = 'mutation($e: String!, $p: String!) { createUser(input: {email: $e, password: $p}) { user { userId } } }';
  const { userId } = (await data(app, create, { e: email, p: PASSWORD })).createUser.user;
  const add = 'mutation($t: String, $e: String!, $r: Role!) { addMember(input: {team: $t, email: $e, role: $r}) { membership { role } } }';
  if (team) await data(app, add, { t: team, e: email, r: role });
  return { userId, token: (await signIn(app, email, PASSWORD)).accessToken };
}
