import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startWebhookWorker, type WebhookWorker } from '../../src/domain/webhooks/sender.ts';
import { type CallOptions, startApp, type TestApp } from '../support/app.ts';

/** Machines under load take their time. */
const SOON = { timeout: 300_000 };

type Received = { headers: IncomingHttpHeaders; body: string; at: number };

/** A receiver that answers what it is told to, 200 when it isn't told. */
class Receiver {
  readonly received: Received[] = [];
  readonly answers: { status: number; headers?: Record<string, string> }[] = [];
  readonly #server: Server;
  url = '';
  constructor() {
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      this.received.push({ headers: request.headers, body, at: Date.now() });
      const { status, headers } = this.answers.shift() ?? { status: 200 };
      response.writeHead(status, headers).end('thanks');
    });
  }
  async start(port = 0) {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
    return this;
  }
  /** The first `count` messages that fit, sorted by arrival. */
  async messages(count: number, fits: (message: Received) => boolean = () => true): Promise<Received[]> {
    await expect.poll(() => this.received.filter(fits).length, SOON).toBeGreaterThanOrEqual(count);
    return this.received.filter(fits);
  }
  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

const call = (app: TestApp) => (method: string, path: string, body?: Record<string, unknown>, options?: CallOptions) =>
  app.mlflow(method, `2.0/mlflow/webhooks${path}`, body, options);
const CREATED = [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }];

describe('delivery', () => {
  let app: TestApp;
  let worker: WebhookWorker;
  let receiver: Receiver;
  beforeAll(async () => {
    app = await startApp({ config: { webhookAllowPrivate: true } });
    worker = startWebhookWorker(app.deps, { firstWaitSeconds: 0.05 });
  });
  afterAll(async () => {
    await worker?.stop();
    await app?.close();
  });
  beforeEach(async () => {
    receiver = await new Receiver().start();
  });
  afterEach(async () => {
    const { body } = await call(app)('GET', '');
    for (const hook of body.webhooks ?? []) await call(app)('DELETE', `/${hook.webhook_id}`);
    await receiver.stop();
  });
  const create = async (body: Record<string, unknown> = {}) =>
    (await call(app)('POST', '', { name: 'hook', url: receiver.url, events: CREATED, ...body })).body.webhook;
  const createModel = (name: string, more: Record<string, unknown> = {}) =>
    app.mlflow('POST', '2.0/mlflow/registered-models/create', { name, ...more });
  const deliveries = (webhookId: string) =>
    app.deps.db.rows<{ state: string; attempts: number; error: string | null }>(
      { text: 'select state, attempts, error from webhook_deliveries where webhook_id = $1::uuid' },
      [webhookId],
    );

  test('a registry event arrives signed, in the shape that MLflow sends', async () => {
    const hook = await create({ secret: 'sesame' });
    await createModel('signed', { description: 'd', tags: [{ key: 'a', value: 'b' }] });
    const [message] = await receiver.messages(1);
    const { headers, body } = message!;
    expect(JSON.parse(body)).toEqual({
      entity: 'registered_model',
      action: 'created',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      data: { name: 'signed', tags: { a: 'b' }, description: 'd' },
    });
    expect(headers['content-type']).toBe('application/json');
    const id = headers['x-mlflow-delivery-id'];
    const timestamp = headers['x-mlflow-timestamp'];
    expect(id).toMatch(/^[0-9a-f]{8}-/);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(30);
    expect(headers['x-mlflow-signature']).toBe(`v1,${createHmac('sha256', 'sesame').update(`${id}.${timestamp}.${body}`).digest('base64')}`);
    await expect.poll(() => deliveries(hook.webhook_id), SOON).toEqual([{ state: 'DELIVERED', attempts: 1, error: null }]);
  });

  test('is tried again with the same delivery id until the receiver takes it', async () => {
    const hook = await create();
    receiver.answers.push({ status: 503 }, { status: 429 }, { status: 500 });
    await createModel('retried');
    const messages = await receiver.messages(4);
    expect(new Set(messages.map((message) => message.headers['x-mlflow-delivery-id'])).size).toBe(1);
    expect(messages[3]!.at - messages[2]!.at).toBeGreaterThanOrEqual(90);
    expect(messages[0]!.headers).not.toHaveProperty('x-mlflow-signature');
    await expect.poll(() => deliveries(hook.webhook_id), SOON).toEqual([{ state: 'DELIVERED', attempts: 4, error: null }]);
  });

  test('is given up at once when the receiver refuses, and never follows a redirect', async () => {
    const hook = await create();
    receiver.answers.push({ status: 302, headers: { location: `${receiver.url}/elsewhere` } }, { status: 404 });
    await createModel('redirected');
    await createModel('refused');
    await receiver.messages(2);
    await expect.poll(async () => (await deliveries(hook.webhook_id)).map((row) => row.state), SOON).toEqual(['FAILED', 'FAILED']);
    expect(receiver.received).toHaveLength(2);
  });

  test('waits out a receiver that is down', async () => {
    const port = Number(new URL(receiver.url).port);
    await receiver.stop();
    const hook = await create();
    await createModel('patient');
    await expect.poll(async () => (await deliveries(hook.webhook_id))[0]?.error, SOON).toContain('ECONNREFUSED');
    receiver = await new Receiver().start(port);
    await expect.poll(async () => (await deliveries(hook.webhook_id))[0]?.state, SOON).toBe('DELIVERED');
  });

  test('tells of versions, tags, aliases, prompts and finished runs, each under its own name', async () => {
    const event = (entity: string, action: string) => ({ entity, action });
    await create({
      events: [
        event('MODEL_VERSION', 'CREATED'),
        event('MODEL_VERSION_TAG', 'SET'),
        event('MODEL_VERSION_TAG', 'DELETED'),
        event('MODEL_VERSION_ALIAS', 'CREATED'),
        event('MODEL_VERSION_ALIAS', 'DELETED'),
        event('PROMPT', 'CREATED'),
        event('PROMPT_TAG', 'SET'),
        event('PROMPT_TAG', 'DELETED'),
        event('RUN', 'FINISHED'),
        event('RUN', 'FAILED'),
      ],
    });
    const mlflow = (method: string, path: string, body: Record<string, unknown>) => app.mlflow(method, `2.0/mlflow/${path}`, body);
    await createModel('told');
    const { body: run } = await mlflow('POST', 'runs/create', { experiment_id: '0', run_name: 'told-run' });
    const runId = run.run.info.run_id;
    const source = `${run.run.info.artifact_uri}/model`;
    const version = await mlflow('POST', 'model-versions/create', { name: 'told', source, run_id: runId });
    expect(version.status).toBe(200);
    await mlflow('POST', 'registered-models/set-tag', { name: 'told', key: 'silent', value: 'v' });
    await mlflow('POST', 'model-versions/set-tag', { name: 'told', version: '1', key: 'k', value: 'v' });
    await mlflow('DELETE', 'model-versions/delete-tag', { name: 'told', version: '1', key: 'k' });
    await mlflow('POST', 'registered-models/alias', { name: 'told', alias: 'champion', version: '1' });
    await mlflow('DELETE', 'registered-models/alias', { name: 'told', alias: 'champion' });
    await createModel('asked', {
      tags: [
        { key: 'mlflow.prompt.is_prompt', value: 'true' },
        { key: 'lang', value: 'en' },
      ],
    });
    await mlflow('POST', 'registered-models/set-tag', { name: 'asked', key: 'k', value: 'v' });
    await mlflow('DELETE', 'registered-models/delete-tag', { name: 'asked', key: 'k' });
    await mlflow('POST', 'runs/update', { run_id: runId, status: 'FINISHED', end_time: 5 });
    await mlflow('POST', 'runs/update', { run_id: runId, status: 'FINISHED', end_time: 6 });

    const messages = await receiver.messages(9);
    const told = Object.fromEntries(
      messages.map(({ body }) => {
        const { entity, action, data } = JSON.parse(body);
        return [`${entity}.${action}`, data];
      }),
    );
    expect(told).toEqual({
      'model_version.created': { name: 'told', version: '1', source, run_id: runId, tags: {}, description: null },
      'model_version_tag.set': { name: 'told', version: '1', key: 'k', value: 'v' },
      'model_version_tag.deleted': { name: 'told', version: '1', key: 'k' },
      'model_version_alias.created': { name: 'told', alias: 'champion', version: '1' },
      'model_version_alias.deleted': { name: 'told', alias: 'champion' },
      'prompt.created': { name: 'asked', tags: { lang: 'en' }, description: null },
      'prompt_tag.set': { name: 'asked', key: 'k', value: 'v' },
      'prompt_tag.deleted': { name: 'asked', key: 'k' },
      'run.finished': { run_id: runId, run_name: 'told-run', experiment_id: '0', status: 'FINISHED' },
    });
    expect(receiver.received).toHaveLength(9);
  });

  test('what waited in the outbox with its finished payload goes out as it is', async () => {
    const hook = await create();
    const payload = '{"name":"waited","tags":{"a":"b"},"description":null}';
    await app.deps.db.rows(
      {
        text: `insert into webhook_deliveries (team_id, webhook_id, event, data)
               select team_id, webhook_id, 'REGISTERED_MODEL.CREATED', $2 from webhooks where webhook_id = $1::uuid`,
      },
      [hook.webhook_id, payload],
    );
    const [message] = await receiver.messages(1);
    expect(message!.body).toMatch(/^{"entity":"registered_model","action":"created","timestamp":"[^"]+","data":/);
    expect(message!.body.endsWith(`"data":${payload}}`)).toBe(true);
  });

  test('a disabled webhook hears nothing, and its test call still works', async () => {
    const hook = await create({ status: 'DISABLED' });
    await createModel('unheard');
    expect(await deliveries(hook.webhook_id)).toEqual([]);
    const asked = await call(app)('POST', `/${hook.webhook_id}/test`, { event: { entity: 'RUN', action: 'FAILED' } });
    expect(asked.body.result).toEqual({ success: true, response_status: 200, response_body: 'thanks' });
    receiver.answers.push({ status: 418 });
    const refused = await call(app)('POST', `/${hook.webhook_id}/test`);
    expect(refused.body.result).toEqual({ success: false, response_status: 418, response_body: 'thanks' });
    expect(receiver.received.map(({ body }) => JSON.parse(body).data.name ?? JSON.parse(body).data.run_name)).toEqual([
      'example-run-1',
      'example_model',
    ]);
  });

  test('is created, listed by pages, changed and deleted; the secret is never shown and is sealed in the database', async () => {
    const hook = await create({ description: 'tells', secret: 'open sesame' });
    expect(hook).toEqual({
      webhook_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-/),
      name: 'hook',
      description: 'tells',
      url: receiver.url,
      events: CREATED,
      status: 'ACTIVE',
      creation_timestamp: expect.any(Number),
      last_updated_timestamp: hook.creation_timestamp,
    });
    const stored = await app.deps.db.row<{ secret: Buffer }>({ text: 'select secret from webhooks where webhook_id = $1::uuid' }, [hook.webhook_id]);
    expect(stored!.secret.toString('latin1')).not.toContain('sesame');
    const other = await create({ name: 'other' });
    const first = await call(app)('GET', '', { max_results: 1 });
    const second = await call(app)('GET', '', { max_results: 1, page_token: first.body.next_page_token });
    expect([first.body.webhooks[0].name, second.body.webhooks[0].name]).toEqual(['other', 'hook']);
    expect(second.body.next_page_token).toBeUndefined();
    const changed = await call(app)('PATCH', `/${hook.webhook_id}`, {
      name: 'renamed',
      status: 'DISABLED',
      events: [{ entity: 'RUN', action: 'FAILED' }],
    });
    expect(changed.body.webhook).toMatchObject({
      name: 'renamed',
      description: 'tells',
      status: 'DISABLED',
      events: [{ entity: 'RUN', action: 'FAILED' }],
    });
    expect((await call(app)('DELETE', `/${other.webhook_id}`)).body).toEqual({});
    expect(await call(app)('GET', `/${other.webhook_id}`)).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
  });

  test("is for maintainers, and another team's doesn't exist", async () => {
    const hook = await create();
    const stranger = await app.seedTeam();
    for (const answer of [
      await call(app)('GET', `/${hook.webhook_id}`, {}, stranger),
      await call(app)('PATCH', `/${hook.webhook_id}`, { name: 'mine' }, stranger),
      await call(app)('DELETE', `/${hook.webhook_id}`, {}, stranger),
      await call(app)('POST', `/${hook.webhook_id}/test`, {}, stranger),
      await call(app)('GET', '/nonsense'),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    }
    const contributor = await app.seedTeam(undefined, 'CONTRIBUTOR');
    expect((await call(app)('GET', '', {}, contributor)).status).toBe(403);
    expect((await call(app)('POST', '', { name: 'h', url: receiver.url, events: CREATED }, contributor)).status).toBe(403);
  });

  test('refuses bad input', async () => {
    const faults: [Record<string, unknown>, string][] = [
      [{ name: undefined }, "Missing value for required parameter 'name'"],
      [{ url: undefined }, "Missing value for required parameter 'url'"],
      [{ events: undefined }, "Missing value for required parameter 'events'"],
      [{ events: [] }, 'non-empty list'],
      [
        { events: [{ entity: 'REGISTERED_MODEL', action: 'SET' }] },
        "Invalid action 'set' for entity 'registered_model'. Valid actions are: ['created']",
      ],
      [{ events: [{ entity: 'BUDGET_POLICY', action: 'EXCEEDED' }] }, 'Invalid entity'],
      [{ events: [{ entity: 'NOTHING', action: 'SET' }] }, "parameter 'events[0].entity'"],
      [{ name: '-x' }, 'is invalid'],
      [{ name: 'x'.repeat(64) }, 'is invalid'],
      [{ url: '  ' }, 'cannot be empty'],
      [{ url: 'ftp://example.com' }, "Invalid webhook URL scheme: 'ftp'"],
      [{ url: 'example.com/hook' }, 'Invalid webhook URL scheme'],
      [{ url: 'http://' }, 'must include a hostname'],
      [{ url: 'http://me:pass@127.0.0.1/' }, 'must not hold credentials'],
      [{ status: 'SLEEPY' }, "parameter 'status'"],
    ];
    for (const [body, message] of faults) {
      const answer = await call(app)('POST', '', { name: 'h', url: receiver.url, events: CREATED, ...body });
      expect(answer.body.message).toContain(message);
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    }
    expect((await call(app)('GET', '')).body).toEqual({});
  });
});

describe('addresses that are not public', () => {
  let app: TestApp;
  let receiver: Receiver;
  beforeAll(async () => {
    app = await startApp();
    receiver = await new Receiver().start();
  });
  afterAll(async () => {
    await app?.close();
    await receiver?.stop();
  });

  test('are refused, however they are written', async () => {
    const urls = [
      'http://127.0.0.1/',
      'http://localhost:8080/',
      'https://10.1.2.3/',
      'http://172.16.0.1/',
      'http://192.168.1.1/',
      'http://100.64.0.1/',
      'http://169.254.169.254/latest/meta-data/',
      'http://0.0.0.0/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://0177.0.0.1/',
      'http://127.1/',
      'http://[::1]/',
      'http://[::]/',
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:a00:1]/',
      'http://[64:ff9b::7f00:1]/',
      'http://[2002:7f00:1::]/',
      'http://[fe80::1]/',
      'http://[fd00::1]/',
      'http://224.0.0.1/',
      'http://255.255.255.255/',
      'http://１２７.0.0.1/',
    ];
    for (const url of urls) {
      const answer = await call(app)('POST', '', { name: 'inside', url, events: CREATED });
      expect(answer, url).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect(answer.body.message).toContain('must not resolve to a non-public IP address');
    }
    expect((await call(app)('GET', '')).body).toEqual({});
  });

  test('a public one is taken, and may not be changed into a private one', async () => {
    const made = await call(app)('POST', '', { name: 'public', url: 'https://[2606:4700::1111]/hook', events: CREATED });
    expect(made.status).toBe(200);
    expect((await call(app)('PATCH', `/${made.body.webhook.webhook_id}`, { url: receiver.url })).status).toBe(400);
  });

  test('what turns private after it was taken is not called: the address is checked where the connection is made', async () => {
    const made = await call(app)('POST', '', { name: 'rebound', url: 'http://9.9.9.9/', events: CREATED });
    const id = made.body.webhook.webhook_id;
    const worker = startWebhookWorker(app.deps);
    for (const [index, url] of [receiver.url, receiver.url.replace('127.0.0.1', 'localhost')].entries()) {
      await app.deps.db.rows({ text: 'update webhooks set url = $2 where webhook_id = $1::uuid' }, [id, url]);
      const tried = await call(app)('POST', `/${id}/test`);
      expect(tried.body.result).toMatchObject({ success: false, error_message: expect.stringContaining('not a public address') });
      await app.mlflow('POST', '2.0/mlflow/registered-models/create', { name: `rebound ${index}` });
    }
    const states = async () =>
      (await app.deps.db.rows<{ state: string }>({ text: 'select state from webhook_deliveries where webhook_id = $1::uuid' }, [id])).map(
        (row) => row.state,
      );
    await expect.poll(states, SOON).toEqual(['FAILED', 'FAILED']);
    await worker.stop();
    expect(receiver.received).toEqual([]);
  });
});
