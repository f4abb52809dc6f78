// Webhooks: who is told of what. What happened is queued by outbox.ts and sent by sender.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { type DeliveryRow, listDeliveryRows } from '../../db/webhooks/deliveries.ts';
import {
  deleteWebhookRow,
  findWebhook,
  insertWebhook,
  listWebhookRows,
  updateWebhookRow,
  type WebhookRow,
  type WebhookStatus,
} from '../../db/webhooks/webhooks.ts';
import { hostOf, PrivateAddress, requirePublicHost } from '../../lib/addresses.ts';
import { invalid, limitExceeded, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import type { Long } from '../../lib/long.ts';
import { cursorInvalid } from '../faults.ts';
import { checkLength, checkPageSize } from '../limits.ts';
import { record } from '../people/audit.ts';
import { checkEvent, exampleFacts, parseEvent, printEvent, type WebhookEvent } from './events.ts';
import { openSecret, sealSecret, sendMessage } from './message.ts';

export type { WebhookEvent, WebhookStatus };
/** `webhookId` in the form with dashes. The secret is never shown; `signed` says that there is one. */
export type Webhook = Omit<WebhookRow, 'secret' | 'events'> & { events: WebhookEvent[]; signed: boolean };
export type WebhookTest = { success: boolean; responseStatus: number | null; responseBody: string | null; errorMessage: string | null };

const NAME = /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
const URL_LENGTH = 2_048;
const TEXT_LENGTH = 1_000;

const dashed = (id: string) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const webhookNotFound = (webhookId: string) => notFound(`No webhook '${webhookId}' exists.`, { reason: 'webhook-not-found', webhookId });

function readWebhookId(webhookId: string): string {
  const hex = webhookId.replaceAll('-', '').toLowerCase();
  if (!isHexId(hex)) throw webhookNotFound(webhookId);
  return hex;
}

const show = ({ secret, ...row }: WebhookRow): Webhook => ({
  ...row,
  webhookId: dashed(row.webhookId),
  events: row.events.map(parseEvent),
  signed: secret !== null,
});

const owner = (teamId: number, hex: string) => `${teamId}:${hex}`;

function checkWebhookName(name: string): void {
  if (NAME.test(name)) return;
  throw invalid(
    `A webhook's name is 1 to 63 letters, digits, dots, underscores and hyphens, with a letter or digit at both ends; '${name}' is not.`,
    {
      reason: 'webhook-name-invalid',
      argument: 'name',
      name,
    },
  );
}

/** As long as a name may take to be found: making a webhook doesn't wait for it. */
const LOOKUP_MS = 2_000;

/**
 * http or https, no credentials inside, and (unless the configuration allows private ones) no host with a private address. A name that isn't
 * found (yet) makes a warning: it is looked up again for each message.
 */
async function checkWebhookUrl(ctx: TeamCtx, text: string): Promise<{ href: string; warning: string | null }> {
  const fail = (message: string, facts: Record<string, unknown> = {}) => invalid(message, { argument: 'url', ...facts });
  if (text.trim() === '') throw fail('Give the address that messages are sent to.', { reason: 'webhook-url-empty', url: text });
  checkLength('url', URL_LENGTH, text);
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https')
    throw fail('A webhook address begins with https:// or http://.', { reason: 'webhook-url-scheme', scheme });
  if (!URL.canParse(text)) throw fail(`'${text}' names no host. Write it like https://host/path.`, { reason: 'webhook-url-without-host', url: text });
  const url = new URL(text);
  const host = hostOf(url);
  if (url.username !== '' || url.password !== '')
    throw fail('A webhook URL must not hold credentials. Give a secret: each message is signed with it.');
  const { href } = url;
  if (ctx.config.webhookAllowPrivate) return { href, warning: null };
  try {
    await Promise.race([requirePublicHost(host), sleep(LOOKUP_MS, undefined, { ref: false })]);
  } catch (error) {
    if (error instanceof PrivateAddress) {
      const { address } = error;
      throw fail(`'${host}' is the private address ${address}. Webhooks are sent to public ones alone.`, {
        reason: 'webhook-url-private',
        host,
        address,
      });
    }
    return { href, warning: `The host '${host}' can't be found now (${(error as Error).message}). Messages wait until it is.` };
  }
  return { href, warning: null };
}

function checkEvents(events: { entity: string; action: string }[]): string[] {
  if (events.length === 0) throw invalid('Name at least one event.', { reason: 'webhook-events-empty', argument: 'events' });
  return [...new Set(events.map((event) => printEvent(checkEvent(event))))];
}

export type WebhookInput = {
  name: string;
  url: string;
  events: { entity: string; action: string }[];
  description?: string | null;
  /** Signs each message; never shown again. */
  secret?: string | null;
  status?: WebhookStatus;
};

/** `warning`: what may keep messages from arriving, in a sentence. */
export type Warned = Webhook & { warning: string | null };

/** Throws INVALID_ARGUMENT, also for addresses that aren't public. */
export async function createWebhook(ctx: TeamCtx, input: WebhookInput): Promise<Warned> {
  requireCan(ctx, 'webhook:manage');
  checkWebhookName(input.name);
  checkLength('description', TEXT_LENGTH, input.description ?? '');
  checkLength('secret', TEXT_LENGTH, input.secret ?? '');
  const events = checkEvents(input.events);
  const { href: url, warning } = await checkWebhookUrl(ctx, input.url);
  const webhookId = ctx.newId();
  const made = {
    webhookId,
    name: input.name,
    description: input.description || null,
    url,
    secret: input.secret ? sealSecret(ctx.config, owner(ctx.team.teamId, webhookId), input.secret) : null,
    status: input.status ?? ('ACTIVE' as const),
    events,
    createdBy: ctx.viewer.userId,
    creationTime: ctx.now(),
  };
  const row = await ctx.prisma.$transaction(async (tx) => {
    await record(ctx, tx, { action: 'WEBHOOK_CREATED', target: `webhook ${webhookId}`, after: { name: made.name, host: new URL(url).host, events } });
    return insertWebhook(tx, ctx.team.teamId, made);
  });
  return { ...show(row), warning };
}

/** Throws NOT_FOUND. */
export async function getWebhook(ctx: TeamCtx, webhookId: string): Promise<Webhook> {
  requireCan(ctx, 'webhook:manage');
  const row = await findWebhook(ctx.prisma, ctx.team.teamId, readWebhookId(webhookId));
  if (!row) throw webhookNotFound(webhookId);
  return show(row);
}

const printCursor = (row: { creationTime: Long; webhookId: string }) => Buffer.from(`${row.creationTime} ${row.webhookId}`).toString('base64url');

function readCursor(token: string, argument: string): { creationTime: Long; webhookId: string } {
  const [, creationTime, webhookId] = /^(\d{1,15}) ([0-9a-f]{32})$/.exec(Buffer.from(token, 'base64url').toString('utf8')) ?? [];
  if (!creationTime || !webhookId) throw cursorInvalid(argument);
  return { creationTime: Number(creationTime), webhookId };
}

/** Newest first; 100 at a time unless `maxResults` (1 to 1,000). `nextPageToken` is null on the last page. */
export async function listWebhooks(
  ctx: TeamCtx,
  page: { maxResults?: number; pageToken?: string } = {},
): Promise<{ webhooks: Webhook[]; nextPageToken: string | null }> {
  requireCan(ctx, 'webhook:manage');
  const limit = checkPageSize(page.maxResults, 100, 1_000);
  const after = page.pageToken ? readCursor(page.pageToken, 'after') : null;
  const rows = await listWebhookRows(ctx.prisma, ctx.team.teamId, { after, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  return { webhooks: shown.map(show), nextPageToken: rows.length > limit ? printCursor(shown.at(-1)!) : null };
}

/** Newest first, each with the cursor that continues after it. */
export async function getWebhooks(ctx: TeamCtx, page: { after?: string | null; limit: number }): Promise<(Webhook & { cursor: string })[]> {
  requireCan(ctx, 'webhook:manage');
  const after = page.after ? readCursor(page.after, 'after') : null;
  const rows = await listWebhookRows(ctx.prisma, ctx.team.teamId, { after, limit: page.limit });
  return rows.map((row) => ({ ...show(row), cursor: printCursor(row) }));
}

export type WebhookDelivery = Omit<DeliveryRow, 'event'> & { event: WebhookEvent };
export const MAX_DELIVERIES = 100;

/** The latest messages of these webhooks, newest first, at most `each` (100) of one. By webhook id as given. */
export async function recentDeliveries(ctx: TeamCtx, webhookIds: string[], each: number): Promise<Map<string, WebhookDelivery[]>> {
  requireCan(ctx, 'webhook:manage');
  if (each < 1 || each > MAX_DELIVERIES)
    throw limitExceeded(`Between 1 and ${MAX_DELIVERIES} deliveries can be asked for, not ${each}.`, { argument: 'first' });
  const rows = await listDeliveryRows(ctx.db, ctx.team.teamId, webhookIds.map(readWebhookId), each);
  const found = new Map<string, WebhookDelivery[]>(webhookIds.map((id) => [id, []]));
  for (const row of rows) found.get(dashed(row.webhookId))?.push({ ...row, event: parseEvent(row.event) });
  return found;
}

/** What is absent stays as it is. Throws NOT_FOUND, INVALID_ARGUMENT. */
export async function updateWebhook(ctx: TeamCtx, webhookId: string, change: Partial<WebhookInput>): Promise<Warned> {
  requireCan(ctx, 'webhook:manage');
  const { teamId } = ctx.team;
  const hex = readWebhookId(webhookId);
  const found = await findWebhook(ctx.prisma, teamId, hex);
  if (!found) throw webhookNotFound(webhookId);
  if (change.name !== undefined) checkWebhookName(change.name);
  checkLength('description', TEXT_LENGTH, change.description ?? '');
  checkLength('secret', TEXT_LENGTH, change.secret ?? '');
  const events = change.events && checkEvents(change.events);
  const checked = change.url === undefined ? undefined : await checkWebhookUrl(ctx, change.url);
  const url = checked?.href;
  const secret = change.secret ? sealSecret(ctx.config, owner(teamId, hex), change.secret) : undefined;
  const { name, description, status } = change;
  const row = await ctx.prisma.$transaction(async (tx) => {
    const written = await updateWebhookRow(tx, teamId, hex, { name, description, status, events, url, secret }, ctx.now());
    if (!written) throw webhookNotFound(webhookId);
    const told = (hook: WebhookRow) => ({ name: hook.name, host: new URL(hook.url).host, events: hook.events, status: hook.status });
    const after = { ...told(written), secretChanged: secret !== undefined };
    await record(ctx, tx, { action: 'WEBHOOK_CHANGED', target: `webhook ${hex}`, before: told(found), after });
    return written;
  });
  return { ...show(row), warning: checked?.warning ?? null };
}

/** With what is still to be delivered. Throws NOT_FOUND. */
export async function deleteWebhook(ctx: TeamCtx, webhookId: string): Promise<void> {
  requireCan(ctx, 'webhook:manage');
  const hex = readWebhookId(webhookId);
  await ctx.prisma.$transaction(async (tx) => {
    if (!(await deleteWebhookRow(tx, ctx.team.teamId, hex))) throw webhookNotFound(webhookId);
    await record(ctx, tx, { action: 'WEBHOOK_DELETED', target: `webhook ${hex}` });
  });
}

/** Sends an example of `event`, or of the webhook's first event, now and once, whatever its status is. What goes wrong is in the answer. */
export async function testWebhook(ctx: TeamCtx, webhookId: string, event?: { entity: string; action: string }): Promise<WebhookTest> {
  requireCan(ctx, 'webhook:manage');
  const hex = readWebhookId(webhookId);
  const row = await findWebhook(ctx.prisma, ctx.team.teamId, hex);
  if (!row) throw webhookNotFound(webhookId);
  const chosen = event ? checkEvent(event) : parseEvent(row.events[0]!);
  try {
    const secret = row.secret && openSecret(ctx.config, owner(ctx.team.teamId, hex), row.secret);
    if (secret === undefined) throw new Error(SECRET_LOST);
    const now = ctx.now();
    const told = { facts: exampleFacts(chosen) };
    const answer = await sendMessage(ctx, row.url, { event: chosen, told, deliveryId: ctx.newId(), at: new Date(now), now, secret });
    return { success: answer.status < 400, responseStatus: answer.status, responseBody: answer.body || null, errorMessage: null };
  } catch (error) {
    return { success: false, responseStatus: null, responseBody: null, errorMessage: `Failed to test webhook: ${(error as Error).message}` };
  }
}

export const SECRET_LOST = "The webhook's secret can't be read: the server's own secret has changed. Set the webhook's secret again.";
