// The outbox of webhooks as rows: what is to be sent, claimed by one process at a time, and what became of it.
import { type Db, sql } from '../../postgres/pool.ts';
import type { WebhookStatus } from './webhooks.ts';

const ENQUEUE = sql(`/* webhookDeliveries.enqueue */
-- Locked, so that a webhook that is deleted meanwhile is left out, and never fails the act that it would be told of.
with told as (
  select team_id, webhook_id from webhooks where team_id = $1::int and status = 'ACTIVE' and events @> array[$2::text]
   order by webhook_id for key share
)
insert into webhook_deliveries (team_id, webhook_id, event, facts)
select team_id, webhook_id, $2::text, $3::text from told
returning delivery_id`);

/** One delivery for each active webhook of the event; returns how many. */
export const insertDeliveries = async (tx: Db, teamId: number, event: string, facts: string): Promise<number> =>
  (await tx.rows(ENQUEUE, [teamId, event, facts])).length;

export type Delivery = {
  teamId: number;
  deliveryId: string;
  webhookId: string;
  event: string;
  /** What happened, as JSON text. */
  facts: string | null;
  /** The finished payload, of rows from before facts were kept. */
  data: string | null;
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
returning d.team_id as "teamId", d.delivery_id as "deliveryId", d.webhook_id as "webhookId", d.event, d.facts, d.data, d.attempts,
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

const WAITING = sql(`/* webhookDeliveries.waiting */
select count(*)::integer as waiting from (select 1 from webhook_deliveries where state = 'PENDING' limit 10000) w`);
/** Of all teams, up to 10,000. */
export const countWaiting = async (db: Db): Promise<number> => (await db.row<{ waiting: number }>(WAITING))!.waiting;

const TRIM = sql(`/* webhookDeliveries.trim */
delete from webhook_deliveries where (team_id, delivery_id) in (
  select team_id, delivery_id from webhook_deliveries
  where state <> 'PENDING' and finished_at < now() - make_interval(days => $1::int)
  limit $2::int for update skip locked)
returning delivery_id`);

/** Removes deliveries that finished more than `days` ago, at most `limit`; returns how many. */
export const trimDeliveries = async (db: Db, days: number, limit: number): Promise<number> => (await db.rows(TRIM, [days, limit])).length;
