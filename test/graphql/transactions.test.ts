// Two people at one thing at once: both apply, or the later is told. Never half, and never two who each thought to be the only one.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { data, seedPerson } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const act = async (text: string, token?: string): Promise<string> => {
  const { body } = await app.graphql(`mutation { ${text} { __typename } }`, {}, token === undefined ? undefined : { token });
  return body.errors?.[0].extensions.code ?? 'DONE';
};

it('two administrators who take each other’s role leave one of them', async () => {
  await data(app, 'mutation { createTeam(input: {slug: "duo", name: "duo"}) { __typename } }');
  const people = [await seedPerson(app, 'one@example.com', 'duo'), await seedPerson(app, 'two@example.com', 'duo')] as const;
  const { viewer } = await data(app, '{ viewer { user { userId } } }');
  await act(`removeMember(input: {team: "duo", userId: ${viewer.user.userId}})`);
  for (let time = 0; time < 5; time++) {
    const demote = (by: 0 | 1) => act(`setMemberRole(input: {team: "duo", userId: ${people[1 - by]!.userId}, role: VIEWER})`, people[by].token);
    const outcomes = await Promise.all([demote(0), demote(1)]);
    expect(outcomes.filter((outcome) => outcome === 'DONE')).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome !== 'DONE')).toMatch(/FORBIDDEN|FAILED_PRECONDITION/);
    const left = outcomes.indexOf('DONE');
    await act(`setMemberRole(input: {team: "duo", userId: ${people[1 - left]!.userId}, role: ADMIN})`, people[left]!.token);
  }
});

it('many versions at once are numbered without gaps, one of many renames wins, one of many names is taken', async () => {
  await act('createRegisteredModel(input: {name: "m"})');
  const versions = await Promise.all(Array.from({ length: 8 }, () => act('createModelVersion(input: {name: "m", source: "s3://x/y"})')));
  expect(new Set(versions)).toEqual(new Set(['DONE']));
  const { team } = await data(app, '{ team(slug: "default") { modelVersions { nodes { version } } } }');
  expect(team.modelVersions.nodes.map((node: { version: number }) => node.version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const renames = await Promise.all([1, 2, 3].map((number) => act(`renameRegisteredModel(input: {name: "m", newName: "m${number}"})`)));
  expect(renames.sort()).toEqual(['DONE', 'NOT_FOUND', 'NOT_FOUND']);
  const made = await Promise.all([1, 2, 3].map(() => act('createExperiment(input: {name: "same"})')));
  expect(made.sort()).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS', 'DONE']);
});

it('different changes of one thing both apply', async () => {
  await act('createRegisteredModel(input: {name: "n"})');
  await act('createModelVersion(input: {name: "n", source: "s3://x/y"})');
  const outcomes = await Promise.all([
    act('updateModelVersion(input: {name: "n", version: 1, description: "d", setTags: [{key: "a", value: "1"}]})'),
    act('updateModelVersion(input: {name: "n", version: 1, setTags: [{key: "b", value: "2"}]})'),
    act('setModelVersionStage(input: {name: "n", version: 1, stage: STAGING})'),
    act('setModelAlias(input: {name: "n", version: 1, alias: "champion"})'),
  ]);
  expect(outcomes).toEqual(['DONE', 'DONE', 'DONE', 'DONE']);
  const fields = 'registeredModel(name: "n") { versions { nodes { description stage aliases tags { key value } } } }';
  const { team } = await data(app, `{ team(slug: "default") { ${fields} } }`);
  expect(team.registeredModel.versions.nodes).toEqual([
    {
      description: 'd',
      stage: 'STAGING',
      aliases: ['champion'],
      tags: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    },
  ]);
});
