// Webhooks and their outbox as rows. Holds statements, no rules; secrets are sealed before they come here.

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';

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

const COLUMNS = `webhook_id as "webhookId", name, description, url, secret, status, events, creation_time as "creationTime", last_update_time as "lastUpdateTime"`;

const INSERT = sql(`/* webhooks.insert */
insert into webhooks (team_id, webhook_id, name, description, url, secret, status, events, created_by, creation_time, last_update_time)
values ($1::int, $2::uuid, $3::text, $4::text, $5::text, $6::bytea, $7::text, $8::text[], $9::int, $10::bigint, $10::bigint)
returning ${COLUMNS}`);

export type NewWebhook = Omit<WebhookRow, 'lastUpdateTime'> & { createdBy: number };

export async function insertWebhook(db: Db, teamId: number, hook: NewWebhook): Promise<WebhookRow> {
  const { webhookId, name, description, url, secret, status, events, createdBy, creationTime } = hook;
  return (await db.row<WebhookRow>(INSERT, [teamId, webhookId, name, description, url, secret, status, events, createdBy, creationTime]))!;
}

const FIND = sql(`/* webhooks.byId */ select ${COLUMNS} from webhooks where team_id = $1::int and webhook_id = $2::uuid`);

export const findWebhook = (db: Db, teamId: number, webhookId: string): Promise<WebhookRow | undefined> => db.row(FIND, [teamId, webhookId]);

const LIST = sql(`/* webhooks.list */
select ${COLUMNS} from webhooks
where team_id = $1::int and ($2::bigint is null or creation_time < $2::bigint or (creation_time = $2::bigint and webhook_id > $3::uuid))
order by creation_time desc, webhook_id limit $4::int`);

/** Newest first, after the row that `after` names. */
export const listWebhookRows = (
  db: Db,
  teamId: number,
  page: { after: { creationTime: Long; webhookId: string } | null; limit: number },
): Promise<WebhookRow[]> => db.rows(LIST, [teamId, page.after?.creationTime ?? null, page.after?.webhookId ?? null, page.limit]);

const UPDATE = sql(`/* webhooks.update */
update webhooks set name = coalesce($3::text, name), description = coalesce($4::text, description), url = coalesce($5::text, url),
  secret = coalesce($6::bytea, secret), status = coalesce($7::text, status), events = coalesce($8::text[], events), last_update_time = $9::bigint
where team_id = $1::int and webhook_id = $2::uuid
returning ${COLUMNS}`);

export type WebhookChange = Partial<Pick<WebhookRow, 'name' | 'description' | 'url' | 'secret' | 'status' | 'events'>>;

/** What is absent stays. Undefined when there is no such webhook. */
export function updateWebhookRow(db: Db, teamId: number, webhookId: string, change: WebhookChange, now: number): Promise<WebhookRow | undefined> {
  const { name, description, url, secret, status, events } = change;
  const values = [name ?? null, description ?? null, url ?? null, secret ?? null, status ?? null, events ?? null];
  return db.row(UPDATE, [teamId, webhookId, ...values, now]);
}

const DELETE = sql('/* webhooks.delete */ delete from webhooks where team_id = $1::int and webhook_id = $2::uuid returning webhook_id');

/** With its deliveries. False when there is no such webhook. */
export const deleteWebhookRow = async (db: Db, teamId: number, webhookId: string): Promise<boolean> =>
  (await db.row(DELETE, [teamId, webhookId])) !== undefined;

// Outbox ----------------------------------------------------------------------------------------------------------------------

const ENQUEUE = sql(`/* webhookDeliveries.enqueue */
insert into webhook_deliveries (team_id, webhook_id, event, data)
select team_id, webhook_id, $2::text, $3::text from webhooks where team_id = $1::int and status = 'ACTIVE' and events @> array[$2::text]
returning delivery_id`);

/** One delivery for each active webhook of the event; returns how many. */
export const insertDeliveries = async (tx: Db, teamId: number, event: string, data: string): Promise<number> =>
  (await tx.rows(ENQUEUE, [teamId, event, data])).length;

export type Delivery = {
  teamId: number;
  deliveryId: string;
  webhookId: string;
  event: string;
  data: string;
  /** This one included. */
  attempts: number;
  createdAt: Date;
  url: string;
  secret: Buffer | null;
  status: WebhookStatus;
};

// The only statements here that see several teams: one worker serves them all.
const CLAIM = sql(`/* webhookDeliveries.claim */
with due as (
  select team_id, delivery_id from webhook_deliveries
  where state = 'PENDING' and next_attempt_at <= now() and not (webhook_id = any($2::uuid[]))
  order by next_attempt_at limit $1::int for update skip locked
)
update webhook_deliveries d set attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => $3::double precision)
from due
join webhook_deliveries same on same.team_id = due.team_id and same.delivery_id = due.delivery_id
join webhooks w on w.team_id = same.team_id and w.webhook_id = same.webhook_id
where d.team_id = due.team_id and d.delivery_id = due.delivery_id
returning d.team_id as "teamId", d.delivery_id as "deliveryId", d.webhook_id as "webhookId", d.event, d.data, d.attempts,
  d.created_at as "createdAt", w.url, w.secret, w.status`);

/** Takes up to `limit` deliveries that are due, for `leaseSeconds`; who dies meanwhile loses them to another. `busy`: webhooks to leave alone. */
export const claimDeliveries = (db: Db, limit: number, busy: string[], leaseSeconds: number): Promise<Delivery[]> =>
  db.rows(CLAIM, [limit, busy, leaseSeconds]);

const FINISH = sql(`/* webhookDeliveries.finish */
update webhook_deliveries set state = $3::text, response_status = $4::int, error = $5::text, finished_at = now()
where team_id = $1::int and delivery_id = $2::uuid`);
const POSTPONE = sql(`/* webhookDeliveries.postpone */
update webhook_deliveries set next_attempt_at = now() + make_interval(secs => $3::double precision), response_status = $4::int, error = $5::text
where team_id = $1::int and delivery_id = $2::uuid`);

export type DeliveryRow = Pick<Delivery, 'deliveryId' | 'webhookId' | 'event' | 'attempts' | 'createdAt'> & {
  state: 'PENDING' | 'DELIVERED' | 'FAILED';
  responseStatus: number | null;
  error: string | null;
  finishedAt: Date | null;
  /** null once it is finished. */
  nextAttemptAt: Date | null;
};

const RECENT = sql(`/* webhookDeliveries.recent */
select d.delivery_id as "deliveryId", d.webhook_id as "webhookId", d.event, d.attempts, d.state, d.response_status as "responseStatus", d.error,
  d.created_at as "createdAt", d.finished_at as "finishedAt", case when d.state = 'PENDING' then d.next_attempt_at end as "nextAttemptAt"
from unnest($2::uuid[]) as w (webhook_id) cross join lateral (
  select delivery_id, webhook_id, event, attempts, state, response_status, error, created_at, finished_at, next_attempt_at
  from webhook_deliveries where team_id = $1::int and webhook_id = w.webhook_id order by created_at desc, delivery_id limit $3::int
) d`);

/** The latest `each` of every webhook, newest first. */
export const listDeliveryRows = (db: Db, teamId: number, webhookIds: string[], each: number): Promise<DeliveryRow[]> =>
  db.rows(RECENT, [teamId, webhookIds, each]);

export type Outcome = { status: number | null; error: string | null };
type DeliveryId = { teamId: number; deliveryId: string };

export async function finishDelivery(db: Db, id: DeliveryId, state: 'DELIVERED' | 'FAILED', outcome: Outcome): Promise<void> {
  await db.rows(FINISH, [id.teamId, id.deliveryId, state, outcome.status, outcome.error]);
}

export async function postponeDelivery(db: Db, id: DeliveryId, seconds: number, outcome: Outcome): Promise<void> {
  await db.rows(POSTPONE, [id.teamId, id.deliveryId, seconds, outcome.status, outcome.error]);
}

const TRIM = sql(`/* webhookDeliveries.trim */
delete from webhook_deliveries where (team_id, delivery_id) in (
  select team_id, delivery_id from webhook_deliveries
  where state <> 'PENDING' and finished_at < now() - make_interval(days => $1::int)
  limit $2::int for update skip locked)
returning delivery_id`);

/** Removes deliveries that finished more than `days` ago, at most `limit`; returns how many. */
export const trimDeliveries = async (db: Db, days: number, limit: number): Promise<number> => (await db.rows(TRIM, [days, limit])).length;
