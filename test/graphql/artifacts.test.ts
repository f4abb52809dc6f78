// Folders of any length, page by page, and entries by their path.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

const FILES = 1_003;
const AT_ONCE = 16;

describe('a folder with more than a thousand files', () => {
  let app: TestApp;
  let [token, runId] = ['', ''];
  const names = Array.from({ length: FILES }, (_, at) => `f${String(at).padStart(4, '0')}: é.txt`);

  beforeAll(async () => {
    app = await startApp();
    ({ token } = await app.seedTeam('files'));
    const experiment = await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: 'x' }, { token });
    const run = await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: experiment.body.experiment_id }, { token });
    runId = run.body.run.info.run_id;
    const root = run.body.run.info.artifact_uri.replace('mlflow-artifacts:/', '');
    const left = [...names.map((name) => `many/${name}`), 'many/folder/inside.txt'];
    const work = async () => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) {
        const address = `${app.url}/api/2.0/mlflow-artifacts/artifacts/${root}/${path.split('/').map(encodeURIComponent).join('/')}`;
        const answer = await fetch(address, { method: 'PUT', headers: { authorization: `Bearer ${token}` }, body: path });
        expect(answer.status).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  });
  afterAll(() => app?.close());

  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const declared = ['$r: String!', ...(variables.after !== undefined ? ['$after: String'] : []), ...(variables.path ? ['$path: String!'] : [])];
    return (await app.graphql(`query(${declared.join(', ')}) { run(runId: $r) { ${query} } }`, { r: runId, ...variables }, { token })).body;
  };

  it('comes whole, each entry once, by name', async () => {
    const found: { path: string; isDirectory: boolean }[] = [];
    let after: string | null = null;
    do {
      const { data } = await ask(
        'page: artifactEntries(path: "many", first: 400, after: $after) { nodes { path isDirectory } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } }',
        { after },
      );
      const { nodes, edges, pageInfo } = data.run.page;
      found.push(...nodes);
      expect(pageInfo.endCursor).toBe(edges.at(-1).cursor);
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(found.map(({ path }) => path)).toEqual([...names, 'folder'].map((name) => `many/${name}`));
    expect(found.filter(({ isDirectory }) => isDirectory)).toEqual([{ path: 'many/folder', isDirectory: true }]);
    // The old field still answers, and says that it is cut off.
    const old = await ask('artifacts(path: "many") { path }');
    expect(old.data.run.artifacts).toHaveLength(1_000);
  });

  it('has entries by their path, wherever they stand', async () => {
    const one = (path: string) => ask('artifactEntry(path: $path) { path isDirectory sizeBytes url }', { path });
    const path = `many/${names.at(-1)}`;
    expect((await one(path)).data.run.artifactEntry).toMatchObject({
      path,
      isDirectory: false,
      sizeBytes: Buffer.byteLength(path),
      url: expect.stringContaining('http'),
    });
    expect((await one('many/folder')).data.run.artifactEntry).toEqual({ path: 'many/folder', isDirectory: true, sizeBytes: null, url: null });
    expect((await one('many/none')).data.run.artifactEntry).toBeNull();
    expect((await one('../x')).errors[0].extensions.code).toBe('INVALID_ARGUMENT');
    expect((await ask('artifactEntries(path: "many", after: "bm9uc2Vuc2U") { nodes { path } }')).errors[0].extensions).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'after',
    });
    expect((await ask('artifactEntries(first: 1001) { nodes { path } }')).errors[0].extensions.code).toBe('LIMIT_EXCEEDED');
    const other = await app.seedTeam('others');
    const hidden = await app.graphql(
      'query($r: String!) { run(runId: $r) { artifactEntry(path: "many") { path } } }',
      { r: runId },
      { token: other.token },
    );
    expect(hidden.body.data.run).toBeNull();
  });
});
