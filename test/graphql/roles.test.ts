// The roles table of docs/teams.md, act by act and role by role: who may is let through, who may not is told which role it takes, and nothing is done.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, type Role } from '../../src/auth/policy.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { data, seedPerson } from '../support/people.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

let app: TestApp;
const tokens = {} as Record<Role, string>;
let runs: Record<Role, string>;
/** The least role, and an act that asks for nothing else; `$own` is a run of whoever acts, `$run` one of somebody else's. */
const ACTS: [Role, string][] = [
  ['VIEWER', '{ team(slug: "t") { runs { totalCount } registeredModels { totalCount } members { nodes { role } } usage { runs } } }'],
  ['CONTRIBUTOR', 'mutation { createExperiment(input: {name: "$n"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { createRun(input: {experimentId: "0"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { logBatch(input: {runId: "$run", metrics: [{key: "a", value: 1}]}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { updateRun(input: {runId: "$run", notes: "n"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { setTags(input: {runId: "$run", tags: [{key: "a", value: "b"}]}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { createArtifactUpload(input: {runId: "$run", path: "x"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { deleteArtifact(input: {runId: "$own", path: "x"}) { __typename } }'],
  ['MAINTAINER', 'mutation { deleteArtifact(input: {runId: "$run", path: "f"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { createLoggedModel(input: {experimentId: "0"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { createRegisteredModel(input: {name: "$n"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { createModelVersion(input: {name: "m", source: "s3://x/y"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { updateRegisteredModel(input: {name: "m", description: "d"}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { deleteRuns(input: {runIds: ["$own"]}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { restoreRuns(input: {runIds: ["$own"]}) { __typename } }'],
  ['MAINTAINER', 'mutation { deleteRuns(input: {runIds: ["$run"]}) { __typename } }'],
  ['MAINTAINER', 'mutation { restoreRuns(input: {runIds: ["$run"]}) { __typename } }'],
  ['MAINTAINER', 'mutation { deleteExperiment(input: {experimentId: "1"}) { __typename } }'],
  ['MAINTAINER', 'mutation { restoreExperiment(input: {experimentId: "1"}) { __typename } }'],
  ['MAINTAINER', 'mutation { setModelVersionStage(input: {name: "m", version: 1, stage: STAGING}) { __typename } }'],
  ['MAINTAINER', 'mutation { setModelAlias(input: {name: "m", version: 1, alias: "a"}) { __typename } }'],
  ['MAINTAINER', 'mutation { deleteModelAlias(input: {name: "m", alias: "a"}) { __typename } }'],
  ['MAINTAINER', 'mutation { renameRegisteredModel(input: {name: "old-$n", newName: "new-$n"}) { __typename } }'],
  ['MAINTAINER', 'mutation { deleteModelVersion(input: {name: "m", version: 99}) { __typename } }'],
  ['CONTRIBUTOR', 'mutation { requestPromotion(input: {name: "guarded", version: 1, alias: "champion"}) { __typename } }'],
  ['MAINTAINER', 'mutation { approvePromotion(input: {id: "$request"}) { __typename } }'],
  ['MAINTAINER', 'mutation { rejectPromotion(input: {id: "$request"}) { __typename } }'],
  ['MAINTAINER', 'mutation { rollBackModelAlias(input: {name: "none", alias: "a"}) { __typename } }'],
  ['ADMIN', 'mutation { createProtection(input: {models: "x-$n", alias: "champion"}) { __typename } }'],
  ['MAINTAINER', 'mutation { deleteRegisteredModel(input: {name: "none"}) { __typename } }'],
  [
    'MAINTAINER',
    'mutation { createWebhook(input: {name: "w", url: "https://192.0.2.1/x", events: [{entity: RUN, action: FINISHED}]}) { __typename } }',
  ],
  ['ADMIN', '{ team(slug: "t") { auditLog { nodes { action } } } }'],
  ['ADMIN', 'mutation { updateTeam(input: {slug: "t", name: "T"}) { __typename } }'],
  ['ADMIN', 'mutation { inviteMember(input: {email: "$n@example.com", role: VIEWER}) { __typename } }'],
  ['ADMIN', 'mutation { setMemberRole(input: {userId: $user, role: VIEWER}) { __typename } }'],
  ['ADMIN', 'mutation { createServiceAccount(input: {name: "s-$n", role: VIEWER}) { __typename } }'],
  ['ADMIN', 'mutation { purgeDeleted(input: {olderThan: "30d"}) { __typename } }'],
  ['ADMIN', 'mutation { deleteReportingRole(input: {}) { __typename } }'],
];

beforeAll(async () => {
  app = await startApp({ config: { webhookAllowPrivate: true } });
  await data(app, 'mutation { createTeam(input: {slug: "t", name: "T"}) { __typename } }');
  const made: [Role, string][] = [];
  const { token: maker } = await seedPerson(app, 'maker@example.com', 't');
  for (const role of ROLES) {
    tokens[role] = (await seedPerson(app, `a-${role.toLowerCase()}@example.com`, 't', role)).token;
    // A viewer has none of their own; what they may not do they may not do to any.
    const token = role === 'VIEWER' ? maker : tokens[role];
    const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }', {}, { token });
    made.push([role, createRun.run.runId]);
    const upload = 'mutation($i: CreateArtifactUploadInput!) { createArtifactUpload(input: $i) { url } }';
    const { createArtifactUpload } = await data(app, upload, { i: { runId: createRun.run.runId, path: 'f' } }, { token });
    await fetch(createArtifactUpload.url, { method: 'PUT', body: 'x' });
  }
  runs = Object.fromEntries(made) as Record<Role, string>;
  const registered = ROLES.map((role) => `${role}: createRegisteredModel(input: {name: "old-${role.toLowerCase()}"}) { __typename }`).join(' ');
  await data(
    app,
    `mutation { e: createExperiment(input: {name: "e"}) { __typename } createRegisteredModel(input: {name: "m"}) { __typename }
      createModelVersion(input: {name: "m", source: "s3://x/y"}) { __typename } ${registered}
      guarded: createRegisteredModel(input: {name: "guarded"}) { __typename }
      version: createModelVersion(input: {name: "guarded", source: "s3://x/y"}) { __typename }
      createProtection(input: {models: "guarded", alias: "champion"}) { __typename } }`,
    {},
    { token: tokens.ADMIN },
  );
});
afterAll(() => app.close());

/** Of the team, and of no request. */
const NO_REQUEST = Buffer.from(`PromotionRequest:2:${'0'.repeat(32)}`).toString('base64url');

describe.each(ROLES.map((role) => [role]))('%s', (role) => {
  it.each(ACTS)('least %s: %s', async (least, act) => {
    const other = ROLES.find((one) => one !== role && one !== 'VIEWER')!;
    const query = act
      .replaceAll('$n', role.toLowerCase())
      .replaceAll('$own', runs[role])
      .replaceAll('$run', runs[other])
      .replaceAll('$user', '9999')
      .replaceAll('$request', NO_REQUEST);
    const { body } = (await app.graphql(query, {}, { token: tokens[role] })) as Loose;
    const may = ROLES.indexOf(role) >= ROLES.indexOf(least);
    const code = body.errors?.[0].extensions.code ?? 'DONE';
    if (!may) {
      expect(code).toBe('FORBIDDEN');
      expect(body.errors[0].message).toMatch(/needs the role (CONTRIBUTOR|MAINTAINER|ADMIN) in the team 't'/);
    } else expect(['DONE', ...(/\$user|\$request|"none"/.test(act) ? ['NOT_FOUND'] : [])]).toContain(code);
  });
});
