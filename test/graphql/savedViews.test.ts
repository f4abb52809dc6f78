// Saved views: one's own and the team's, by role; what a view holds; pages; and that nobody sees another person's.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { codes, data, seedPerson } from '../support/people.ts';
import type { Loose } from '../support/rings.ts';

let app: TestApp;
const people: Record<'viewer' | 'maintainer' | 'other', string> = { viewer: '', maintainer: '', other: '' };
const CREATE = `mutation($i: CreateSavedViewInput!) { createSavedView(input: $i) { savedView { id name shared state experiment { name } createdBy { email } } } }`;
const UPDATE = `mutation($i: UpdateSavedViewInput!) { updateSavedView(input: $i) { savedView { id name shared state } } }`;
const DELETE = `mutation($id: ID!) { deleteSavedView(input: {id: $id}) { id } }`;
const LIST = `query($e: String, $all: Boolean) { team(slug: "lab") { savedViews(experimentId: $e, ofAllRuns: $all) { nodes { name } } } }`;
const as = (who: keyof typeof people) => ({ token: people[who] });
const make = async (who: keyof typeof people, input: Record<string, unknown>) =>
  (await data(app, CREATE, { i: { team: 'lab', state: {}, ...input } }, as(who))).createSavedView.savedView;
const names = async (who: keyof typeof people, which: Record<string, unknown> = {}) =>
  (await data(app, LIST, which, as(who))).team.savedViews.nodes.map((node: { name: string }) => node.name);

beforeAll(async () => {
  app = await startApp();
  await data(app, 'mutation { createTeam(input: {slug: "lab", name: "Lab"}) { team { id } } }');
  people.viewer = (await seedPerson(app, 'viewer@example.com', 'lab', 'VIEWER')).token;
  people.maintainer = (await seedPerson(app, 'maintainer@example.com', 'lab', 'MAINTAINER')).token;
  people.other = (await seedPerson(app, 'other@example.com', 'lab', 'VIEWER')).token;
  await data(app, 'mutation { createExperiment(input: {team: "lab", name: "taxi"}) { experiment { id } } }', {}, as('maintainer'));
});
afterAll(() => app.close());

it('keeps a view for whoever may read, and the team’s for a MAINTAINER', async () => {
  const state = { filter: "params.model = 'xgb'", sort: '-metrics.rmse', cols: 'metrics.rmse,params.lr' };
  const mine = await make('viewer', { name: ' Best xgb ', state, experimentId: '1' });
  expect(mine).toEqual({
    id: mine.id,
    name: 'Best xgb',
    shared: false,
    state,
    experiment: { name: 'taxi' },
    createdBy: { email: 'viewer@example.com' },
  });
  expect(await codes(app, CREATE, { i: { team: 'lab', name: 'Board', state, shared: true } }, as('viewer'))).toEqual(['FORBIDDEN']);
  const shared = await make('maintainer', { name: 'Board', state, experimentId: '1', shared: true });
  await make('maintainer', { name: 'Everywhere', state, shared: true });
  expect(await names('viewer')).toEqual(['Everywhere', 'Board', 'Best xgb']);
  expect(await names('viewer', { e: '1' })).toEqual(['Board', 'Best xgb']);
  expect(await names('viewer', { all: true })).toEqual(['Everywhere']);
  expect(await names('viewer', { e: 'nonsense' })).toEqual([]);
  for (const document of [UPDATE, DELETE])
    expect(await codes(app, document, document === UPDATE ? { i: { id: shared.id, name: 'Mine' } } : { id: shared.id }, as('viewer'))).toEqual([
      'FORBIDDEN',
    ]);
  // Nobody's own view is another's to see, whatever their role.
  expect(await names('other')).toEqual(['Everywhere', 'Board']);
  for (const who of ['other', 'maintainer'] as const) {
    expect(await codes(app, UPDATE, { i: { id: mine.id, name: 'x' } }, as(who))).toEqual(['NOT_FOUND']);
    expect(await codes(app, DELETE, { id: mine.id }, as(who))).toEqual(['NOT_FOUND']);
    expect((await data(app, 'query($id: ID!) { node(id: $id) { id } }', { id: mine.id }, as(who))).node).toBeNull();
  }
  expect((await data(app, 'query($id: ID!) { node(id: $id) { ... on SavedView { name } } }', { id: mine.id }, as('viewer'))).node).toEqual({
    name: 'Best xgb',
  });
});

it('renames, changes, shares, takes back and deletes', async () => {
  const { id } = await make('maintainer', { name: 'Draft', state: { sort: 'metrics.a' } });
  const edit = async (change: Record<string, unknown>) =>
    (await data(app, UPDATE, { i: { id, ...change } }, as('maintainer'))).updateSavedView.savedView;
  expect(await edit({ name: 'Final' })).toEqual({ id, name: 'Final', shared: false, state: { sort: 'metrics.a' } });
  expect(await edit({ state: { group: 'params.model' }, shared: true })).toMatchObject({ shared: true, state: { group: 'params.model' } });
  expect(await names('other')).toContain('Final');
  expect(await edit({ shared: false })).toMatchObject({ shared: false });
  expect(await names('other')).not.toContain('Final');
  await data(app, DELETE, { id }, as('maintainer'));
  expect(await codes(app, DELETE, { id }, as('maintainer'))).toEqual(['NOT_FOUND']);
  expect(await names('maintainer')).not.toContain('Final');
});

it('refuses bad names and states, and says which argument', async () => {
  const attempt = async (input: Record<string, unknown>) =>
    (await app.graphql(CREATE, { i: { team: 'lab', name: 'x', state: {}, ...input } }, as('viewer'))).body.errors?.[0]?.extensions;
  expect(await attempt({ name: '  ' })).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'name' });
  expect(await attempt({ name: 'x'.repeat(101) })).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'name' });
  for (const state of ['text', 7, ['a'], { a: 1 }, { a: { b: 'c' } }, { a: null }, { 'a\0': 'x' }])
    expect(await attempt({ state }), JSON.stringify(state)).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'state' });
  for (const state of [{ a: 'x'.repeat(20_001) }, { ['k'.repeat(41)]: '' }, Object.fromEntries(Array.from({ length: 41 }, (_, at) => [at, 'x']))])
    expect(await attempt({ state })).toMatchObject({ code: 'LIMIT_EXCEEDED', argument: 'state' });
  expect(await attempt({ experimentId: '99' })).toMatchObject({ code: 'NOT_FOUND' });
  await make('viewer', { name: 'Twice' });
  expect(await attempt({ name: 'Twice' })).toMatchObject({ code: 'ALREADY_EXISTS' });
  // Another experiment, or another person, is another place.
  await make('viewer', { name: 'Twice', experimentId: '1' });
  await make('other', { name: 'Twice' });
});

it('pages by cursor', async () => {
  const PAGE = `query($a: String) { team(slug: "lab") { savedViews(first: 2, after: $a) { nodes { name } pageInfo { hasNextPage endCursor } } } }`;
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page: Loose = (await data(app, PAGE, { a: after }, as('viewer'))).team.savedViews;
    seen.push(...page.nodes.map((node: { name: string }) => node.name));
    ({ endCursor: after, hasNextPage: more } = page.pageInfo);
  }
  expect(seen).toEqual(await names('viewer'));
});
