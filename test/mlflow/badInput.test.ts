// Whatever a client sends, a mistake is answered with 4xx in the protocol's form, never with 5xx, and leaves nothing behind.
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import {
  dumpTeam,
  type Endpoint,
  endpoints,
  type Fields,
  type Person,
  type Scene,
  type SendOptions,
  type Sent,
  seedPerson,
  seedScene,
  send,
} from './cases.ts';

let app: TestApp;
let person: Person;
let scene: Scene;

beforeAll(async () => {
  app = await startApp({ env: { RUNLEDGER_WEBHOOK_ALLOW_PRIVATE: 'on', RUNLEDGER_MAX_BODY_BYTES: '4000000' } });
  person = await seedPerson(app);
  scene = await seedScene(app, person);
});
afterAll(() => app.close());

const CODES: Record<number, string[]> = {
  400: ['INVALID_PARAMETER_VALUE', 'RESOURCE_ALREADY_EXISTS'],
  403: ['PERMISSION_DENIED'],
  404: ['RESOURCE_DOES_NOT_EXIST', 'ENDPOINT_NOT_FOUND'],
  413: ['INVALID_PARAMETER_VALUE'],
  431: ['INVALID_PARAMETER_VALUE'],
  501: ['NOT_IMPLEMENTED'],
};

/** A problem with an answer that had to be a refusal, or undefined. */
function unlessRefused(sent: Sent): string | undefined {
  const known = CODES[sent.status]?.includes(sent.body.error_code ?? '') && typeof sent.body.message === 'string' && sent.body.message.length < 2_010;
  return known ? undefined : `${sent.status} ${sent.text.slice(0, 200)}`;
}
const unlessAnswered = (sent: Sent): string | undefined => (sent.status < 400 ? undefined : unlessRefused(sent));

const label = (value: unknown) =>
  JSON.stringify(value)
    .slice(0, 30)
    .replace(/[^ -~]+/g, '…');

const NUL = 'a\0b';
/** Four bytes each in UTF-8, and nothing that compresses. */
const long = (length: number) => String.fromCodePoint(...Array.from({ length }, (_none, index) => 0x10000 + ((index * 7919) % 0xfffff)));

/** Values that no field of the kind of `good` may hold, as JSON text. */
function wrongTypes(good: unknown): string[] {
  if (typeof good === 'string') return ['5', 'true', '{}', '[]', '{"a":[1]}', JSON.stringify(NUL), '"a\\ud800b"', '1.5'];
  if (typeof good === 'boolean') return ['"yes"', '5', '{}', '[]'];
  if (Array.isArray(good)) return ['"x"', '5', 'true', '{}', '[null,5]', '[[]]', '["\\u0000", 5]'];
  if (typeof good === 'number') {
    return [
      '"x"',
      '{}',
      '[]',
      'true',
      '"1e400x"',
      '""',
      'NaN',
      'Infinity',
      '-Infinity',
      '1e400',
      '9223372036854775808',
      '"-9223372036854775809"',
      '1.5',
      '99999999999999999999999',
    ];
  }
  return ['5', '"x"', '[]'];
}
/** The same for query strings, where everything is text. */
const wrongTexts = (good: unknown): string[] =>
  typeof good === 'number'
    ? ['x', 'NaN', 'Infinity', '9223372036854775808', '1.5', '-9223372036854775809', '1e3', NUL]
    : typeof good === 'boolean'
      ? ['yes', NUL]
      : [NUL];

const inPath = (row: Endpoint, name: string) => row.path.includes(name === '*' ? '*' : `:${name}`);
const inQuery = (row: Endpoint) => row.method === 'GET' || row.case.body !== undefined;

/** JSON with one member's text replaced. */
const withMember = (fields: Fields, name: string, text: string) =>
  `{${Object.entries(fields)
    .map(([key, value]) => `${JSON.stringify(key)}:${key === name ? text : JSON.stringify(value)}`)
    .join(',')}}`;

/** Metric values are the one place where these are numbers like others. */
const isDouble = (name: string) => name === 'value';
/** Enumerations may be given by their numbers. */
const isEnum = (name: string) => ['status', 'entity', 'action', 'view_type', 'run_view_type'].includes(name);

test.each(endpoints)('$key: values of the wrong kind, missing or malformed are refused and write nothing', async (row: Endpoint) => {
  const good = row.case.fields(scene, scene);
  const before = await dumpTeam(app, person.slug);
  const faults: string[] = [];
  const refused = async (what: string, fields: Fields, options: SendOptions = {}) => {
    const fault = unlessRefused(await send(app, row, fields, { token: person.token, ...options }));
    if (fault) faults.push(`${what} → ${fault}`);
  };
  const pathOnly = Object.fromEntries(Object.entries(good).filter(([name]) => inPath(row, name)));
  for (const required of row.case.required ?? []) {
    const names = required.split('+');
    await refused(`without ${required}`, Object.fromEntries(Object.entries(good).filter(([name]) => !names.includes(name))));
  }
  for (const [name, value] of Object.entries(good)) {
    if (inPath(row, name)) {
      await refused(`${name} with NUL`, { ...good, [name]: NUL });
      continue;
    }
    if (inQuery(row)) {
      for (const text of wrongTexts([value].flat()[0])) await refused(`${name}=${text}`, { ...good, [name]: text });
      continue;
    }
    for (const text of wrongTypes(value)) {
      if (isEnum(name) && text === '5') continue;
      if (isDouble(name) && /NaN|Inf|1e400|1\.5|9{5}|922/.test(text)) continue;
      await refused(`${name}: ${text}`, pathOnly, { raw: withMember(good, name, text) });
    }
    // One level down, where lists hold messages.
    const [first] = [value].flat();
    if (typeof first !== 'object' || first === null) continue;
    for (const [inner, one] of Object.entries(first)) {
      for (const text of wrongTypes(one)) {
        if (isEnum(inner) && text === '5') continue;
        if (isDouble(inner) && typeof one === 'number' && /NaN|Inf|1e400|1\.5|9{5}|922/.test(text)) continue;
        const member = withMember(first as Fields, inner, text);
        await refused(`${name}.${inner}: ${text}`, pathOnly, { raw: withMember(good, name, Array.isArray(value) ? `[${member}]` : member) });
      }
    }
  }
  if (!inQuery(row)) {
    for (const raw of ['{', '[]', '5', '"x"', 'true', '{"a":}', '\u0000', '[{}]', '{"a":1}}', `${'['.repeat(100_000)}`, '"[1]"']) {
      await refused(`body ${raw.slice(0, 10)}`, pathOnly, { raw });
    }
    const deep = `${'{"a":['.repeat(15_000)}${']}'.repeat(15_000)}`;
    const deepName = Object.keys(good).find((name) => !inPath(row, name));
    if (deepName) await refused('deeply nested', pathOnly, { raw: withMember(good, deepName, deep) });
    if (row.method === 'POST' || row.method === 'PUT') {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application',
        ';',
        'application/json2',
      ]) {
        await refused(`content type ${type}`, good, { headers: { 'content-type': type } });
      }
    }
  }
  expect(faults.join('\n')).toBe('');
  expect(await dumpTeam(app, person.slug)).toEqual(before);
});

test.each(endpoints)('$key: values that are too long, odd or empty are taken or refused, never a fault of ours', async (row: Endpoint) => {
  const own = /delete|rename/i.test(row.key) ? await seedScene(app, person) : scene;
  const good = row.case.fields(own, own);
  const faults: string[] = [];
  const answered = async (what: string, fields: Fields, options: SendOptions = {}) => {
    const fault = unlessAnswered(await send(app, row, fields, { token: person.token, ...options }));
    if (fault) faults.push(`${what} → ${fault}`);
  };
  const odd = [
    long(inQuery(row) ? 700 : 3_000),
    'x'.repeat(inQuery(row) ? 8_000 : 120_000),
    '../..',
    "' or 1=1 --",
    '%00',
    '{}',
    '\u202e\u0001',
    '',
    ' ',
  ];
  for (const [name, value] of Object.entries(good)) {
    const values: unknown[] = typeof value === 'string' ? odd : Array.isArray(value) ? [[], Array(2_000).fill(value[0])] : ['', null];
    if (typeof value === 'number' && !inQuery(row)) values.push(0, -1, -(2 ** 53), 2 ** 31, 2 ** 63 - 1024);
    if (typeof value === 'number' && inQuery(row)) values.push('0', '-1', '9223372036854775807', '-9223372036854775808');
    for (const one of inQuery(row) && Array.isArray(value) ? [Array(300).fill(value[0]), odd] : values) {
      await answered(`${name}: ${label(one)}`, { ...good, [name]: one });
    }
    const [first] = [value].flat();
    if (inQuery(row) || typeof first !== 'object' || first === null) continue;
    for (const [inner, text] of Object.entries(first)) {
      for (const one of typeof text === 'string' ? odd : [null, 0, -1]) {
        const changed = { ...first, [inner]: one };
        await answered(`${name}.${inner}: ${label(one)}`, { ...good, [name]: Array.isArray(value) ? [changed] : changed });
      }
    }
  }
  await answered('unknown fields', { ...good, __proto__x: 1, constructor: {}, toString: 'x' });
  expect(faults.join('\n')).toBe('');
});

describe('what was deleted', () => {
  /** Besides reading, which deleted experiments and runs allow, and bringing them back. */
  const ALLOWED = new Set([
    'POST 2.0/mlflow/experiments/create',
    'POST 2.0/mlflow/experiments/delete',
    'POST 2.0/mlflow/experiments/restore',
    'POST 2.0/mlflow/runs/delete',
    'POST 2.0/mlflow/runs/restore',
    'POST 2.0/mlflow/experiments/search',
    'POST 2.0/mlflow/runs/search',
    'POST 2.0/mlflow/experiments/search-datasets',
    'POST 2.0/mlflow/logged-models/search',
    'POST 2.0/mlflow/registered-models/create',
    'POST 2.0/mlflow/webhooks',
    'PATCH 3.0/mlflow/workspaces/:workspace_name',
    // As upstream: deleting what is deleted succeeds; files can be cleared away.
    'DELETE 2.0/mlflow/logged-models/:model_id',
    'DELETE 2.0/mlflow-artifacts/artifacts/*',
  ]);

  test('takes no writes, on any route', async () => {
    const gone = await seedScene(app, person);
    const call = async (method: string, path: string, body: Fields) =>
      expect([path, (await app.mlflow(method, `2.0/mlflow/${path}`, body, { token: person.token })).status]).toEqual([path, 200]);
    await call('DELETE', `logged-models/${gone.model}`, {});
    await call('POST', 'experiments/delete', { experiment_id: gone.experiment });
    await call('DELETE', 'registered-models/delete', { name: gone.registered });
    await call('DELETE', `webhooks/${gone.webhook}`, {});
    const faults: string[] = [];
    const before = await dumpTeam(app, person.slug);
    for (const row of endpoints.filter((one) => one.method !== 'GET' && !ALLOWED.has(one.key))) {
      const fault = unlessRefused(await send(app, row, row.case.fields(gone, scene), { token: person.token }));
      if (fault) faults.push(`${row.key} → ${fault}`);
    }
    expect(await dumpTeam(app, person.slug)).toEqual(before);
    for (const row of endpoints.filter((one) => one.method === 'GET' || ALLOWED.has(one.key))) {
      const fault = unlessAnswered(await send(app, row, row.case.fields(gone, scene), { token: person.token }));
      if (fault) faults.push(`${row.key} → ${fault}`);
    }
    expect(faults.join('\n')).toBe('');
  });
});

/** Sends bytes as they are and reads until the answer's end, or until the connection closes. */
async function raw(bytes: string | Buffer): Promise<string> {
  const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
  let text = '';
  await new Promise<void>((resolve) => {
    socket.setTimeout(300_000, resolve);
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (/\r\n\r\n[\s\S]*[}\n]$/.test(text) || /content-length: 0\r\n/i.test(text)) resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.write(bytes);
  });
  socket.destroy();
  return text;
}
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe('HTTP itself', () => {
  const head = (start: string, more: string[] = []) => [start, 'Host: x', `Authorization: Bearer ${person.token}`, ...more, '', ''].join('\r\n');

  test('malformed requests are answered or cut, and the server goes on', async () => {
    const bad = [
      head('GET /api/2.0/mlflow/runs/get?run_id=%zz HTTP/1.1'),
      head('GET /api/2.0/mlflow/logged-models/%ff%fe HTTP/1.1'),
      head('GET /api/2.0/mlflow/logged-models/%E0%A4%A HTTP/1.1'),
      head('GET /%00 HTTP/1.1'),
      head('GET //api/2.0//mlflow/runs/get HTTP/1.1'),
      head('GET http://elsewhere/api/2.0/mlflow/nothing HTTP/1.1'),
      head(`GET /api/2.0/mlflow/runs/get?run_id=${'a'.repeat(60_000)} HTTP/1.1`),
      head(`GET /api/2.0/mlflow/logged-models/${'a'.repeat(10_000)} HTTP/1.1`),
      head('GET /t/%00/api/2.0/mlflow/runs/get HTTP/1.1'),
      head('GET /t/__proto__/api/2.0/mlflow/runs/get?run_id=x HTTP/1.1'),
      head('GET /api/2.0/mlflow/runs/get?run_id=x HTTP/1.1', ['X-MLFLOW-WORKSPACE: %00', 'X-Request-Id: \t<script>']),
      `${head('POST /api/2.0/mlflow/runs/get HTTP/1.1', ['Content-Type: application/json', 'Content-Length: 2'])}{}`,
      head('POST /api/2.0/mlflow/runs/create HTTP/1.1', ['Content-Type: application/json', 'Content-Length: -5']),
      `${head('POST /api/2.0/mlflow/runs/create HTTP/1.1', ['Content-Type: application/json', 'Transfer-Encoding: chunked'])}zz\r\n`,
      head('BREW /api/2.0/mlflow/runs/create HTTP/1.1'),
      'GET / HTTP/9.9\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
    ];
    for (const bytes of bad) {
      const status = statusOf(await raw(bytes));
      expect([bytes.slice(0, 80), status >= 400 && status < 500]).toEqual([bytes.slice(0, 80), true]);
    }
    expect((await app.mlflow('GET', '2.0/mlflow/runs/get', { run_id: scene.run }, { token: person.token })).status).toBe(200);
  });

  test('a body over the limit is 413, announced or not', async () => {
    const announced = await raw(head('POST /api/2.0/mlflow/runs/log-batch HTTP/1.1', ['Content-Type: application/json', 'Content-Length: 4000001']));
    expect([statusOf(announced), announced.includes('"error_code":"INVALID_PARAMETER_VALUE"')]).toEqual([413, true]);
    const chunk = 'x'.repeat(1_000_000);
    const chunks = `${`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(5)}0\r\n\r\n`;
    const type = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    expect(statusOf(await raw(head('POST /api/2.0/mlflow/runs/log-batch HTTP/1.1', type) + chunks))).toBe(413);
  });

  test('HEAD answers like GET without a body, OPTIONS and other methods find nothing, and no other origin is let in', async () => {
    const headers = { authorization: `Bearer ${person.token}`, origin: 'https://evil.example' };
    const address = `${app.url}/api/2.0/mlflow/runs/get?run_id=${scene.run}`;
    const headed = await fetch(address, { method: 'HEAD', headers });
    expect([headed.status, await headed.text()]).toEqual([200, '']);
    for (const method of ['OPTIONS', 'PUT', 'DELETE']) {
      const answer = await fetch(address, { method, headers: { ...headers, 'access-control-request-method': 'GET' } });
      expect([method, answer.status, ((await answer.json()) as Fields).error_code]).toEqual([method, 404, 'ENDPOINT_NOT_FOUND']);
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect([...(await fetch(address, { headers })).headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('a fault of ours is 500 with the request id and no detail', async () => {
    app.deps.db.rows = async () => {
      throw new Error('secret detail');
    };
    try {
      const answer = await app.mlflow('GET', '2.0/mlflow/experiments/get', { experiment_id: '5' }, { headers: { 'x-request-id': 'mine-1' } });
      expect([answer.status, answer.body.error_code, answer.headers.get('x-request-id')]).toEqual([500, 'INTERNAL_ERROR', 'mine-1']);
      expect(JSON.stringify(answer.body)).not.toContain('secret');
    } finally {
      delete (app.deps.db as Partial<typeof app.deps.db>).rows;
    }
  });
});
