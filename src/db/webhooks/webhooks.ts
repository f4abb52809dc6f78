// Webhooks as rows. Holds no rules; secrets are sealed before they come here.
import { hexId } from '../../lib/ids.ts';
import { type Long, shortLong } from '../../lib/long.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

export type WebhookStatus = 'ACTIVE' | 'DISABLED';
export type WebhookRow = {
  webhookId: string;
  name: string;
  description: string | null;
  url: string;
  /** Sealed. */
  secret: Buffer | null;
  status: WebhookStatus;
  /** `ENTITY.ACTION`. */
  events: string[];
  creationTime: Long;
  lastUpdateTime: Long;
};
const WEBHOOK = {
  webhookId: true,
  name: true,
  description: true,
  url: true,
  secret: true,
  status: true,
  events: true,
  creationTime: true,
  lastUpdateTime: true,
} as const;
type Raw = Omit<WebhookRow, 'secret' | 'status' | 'creationTime' | 'lastUpdateTime'> & {
  secret: Uint8Array | null;
  status: string;
  creationTime: bigint;
  lastUpdateTime: bigint;
};
const asWebhook = (row: Raw): WebhookRow => ({
  ...row,
  webhookId: hexId(row.webhookId),
  secret: row.secret && Buffer.from(row.secret),
  status: row.status as WebhookStatus,
  creationTime: shortLong(row.creationTime),
  lastUpdateTime: shortLong(row.lastUpdateTime),
});
const bytes = (secret: Buffer) => new Uint8Array(secret);

export type NewWebhook = Omit<WebhookRow, 'lastUpdateTime'> & { createdBy: number };

export async function insertWebhook(db: Prisma, teamId: number, { creationTime, secret, ...hook }: NewWebhook): Promise<WebhookRow> {
  const times = { creationTime: BigInt(creationTime), lastUpdateTime: BigInt(creationTime) };
  return asWebhook(await db.webhook.create({ data: { teamId, ...hook, secret: secret && bytes(secret), ...times }, select: WEBHOOK }));
}

export async function findWebhook(db: Prisma, teamId: number, webhookId: string): Promise<WebhookRow | undefined> {
  const row = await db.webhook.findUnique({ where: { teamId_webhookId: { teamId, webhookId } }, select: WEBHOOK });
  return row ? asWebhook(row) : undefined;
}

export type WebhookPage = { after: { creationTime: Long; webhookId: string } | null; limit: number };

/** Newest first, after the row that `after` names. */
export async function listWebhookRows(db: Prisma, teamId: number, { after, limit }: WebhookPage): Promise<WebhookRow[]> {
  const creationTime = BigInt(after?.creationTime ?? 0);
  const beyond = after ? { OR: [{ creationTime: { lt: creationTime } }, { creationTime, webhookId: { gt: after.webhookId } }] } : {};
  const orderBy = [{ creationTime: 'desc' }, { webhookId: 'asc' }] as const;
  return (await db.webhook.findMany({ where: { teamId, ...beyond }, orderBy: [...orderBy], take: limit, select: WEBHOOK })).map(asWebhook);
}

export type WebhookChange = Partial<Pick<WebhookRow, 'name' | 'description' | 'url' | 'secret' | 'status' | 'events'>>;

/** What is absent stays. Undefined when there is no such webhook. */
export async function updateWebhookRow(
  db: Prisma,
  teamId: number,
  webhookId: string,
  { secret, description, ...change }: WebhookChange,
  now: number,
): Promise<WebhookRow | undefined> {
  const given = { ...(secret ? { secret: bytes(secret) } : {}), ...(description == null ? {} : { description }) };
  const data = { ...change, ...given, lastUpdateTime: BigInt(now) };
  const [row] = await db.webhook.updateManyAndReturn({ where: { teamId, webhookId }, data, select: WEBHOOK });
  return row && asWebhook(row);
}

/** With its deliveries. False when there is no such webhook. */
export const deleteWebhookRow = async (db: Prisma, teamId: number, webhookId: string): Promise<boolean> =>
  (await db.webhook.deleteMany({ where: { teamId, webhookId } })).count > 0;
