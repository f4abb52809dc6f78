// The one place that every change of a model or version goes through, so that whoever follows the registry is told of it.
import type { Db, TeamCtx } from '../../context.ts';
import { insertModelChange, type NewModelChange } from '../../db/live/changes.ts';
import { type Act, record } from '../people/audit.ts';
import { enqueueWebhook } from '../webhooks/outbox.ts';
import { webhookFacts } from '../webhooks/registryFacts.ts';
import type { ModelEvent } from './events.ts';

/** Ids on the bus hold no spaces, and names of models do. */
export const busIdOfModel = (name: string): string => encodeURIComponent(name);

/**
 * Makes a change in a transaction, and tells of it. The journal that subscribers read, the audit log and webhooks' messages go into the same
 * transaction; events follow the commit. `write` throws when there is nothing to change, and answers the event.
 */
export async function change<E extends ModelEvent>(ctx: TeamCtx, write: (tx: Db) => Promise<E>): Promise<E> {
  const { teamId } = ctx.team;
  const { event, queued } = await ctx.db.tx(async (tx) => {
    const event = await write(tx);
    await insertModelChange(tx, teamId, journalled(event, ctx.viewer.userId));
    const act = auditOf(event);
    if (act) await record(ctx, tx, act);
    const told = await webhookFacts(tx, teamId, event);
    return { event, queued: told ? await enqueueWebhook(tx, teamId, told.event, told.facts) : false };
  });
  ctx.bus.publish(teamId, 'model', busIdOfModel(event.name));
  if (event.event === 'registered_model.renamed') ctx.bus.publish(teamId, 'model', busIdOfModel(event.oldName));
  if (queued) ctx.bus.publish(teamId, 'webhook', 'queued');
  return event;
}

function journalled(event: ModelEvent, actorId: number): NewModelChange {
  const { oldName, alias, stage, key, requestId } = event as { oldName?: string; alias?: string; stage?: string; key?: string; requestId?: string };
  const version = 'version' in event ? event.version : null;
  return { event: event.event, name: event.name, version, detail: { oldName, alias, stage, key, requestId }, actorId };
}

function auditOf(event: ModelEvent): Act | null {
  const { name } = event;
  switch (event.event) {
    case 'registered_model.renamed':
      return { action: 'MODEL_RENAMED', target: `model ${name}`, before: { name: event.oldName }, after: { name } };
    case 'registered_model.deleted':
      return { action: 'MODEL_DELETED', target: `model ${name}`, before: { name } };
    case 'model_version.stage_changed':
      return {
        action: 'VERSION_STAGE_CHANGED',
        target: `model ${name} version ${event.version}`,
        before: { stage: event.before },
        after: { stage: event.stage },
      };
    case 'model_version.deleted':
      return { action: 'VERSION_DELETED', target: `model ${name} version ${event.version}`, before: { version: event.version } };
    case 'model_version_alias.created':
      return {
        action: 'ALIAS_SET',
        target: `model ${name} alias ${event.alias}`,
        before: { version: event.before },
        after: { version: event.version },
      };
    case 'model_version_alias.deleted':
      return { action: 'ALIAS_DELETED', target: `model ${name} alias ${event.alias}`, before: { version: event.before } };
    case 'promotion_request.opened':
    case 'promotion_request.approved':
    case 'promotion_request.rejected':
    case 'promotion_request.withdrawn':
    case 'promotion_request.applied':
      return {
        action: PROMOTION_ACTS[event.event],
        target: `model ${name} ${event.kind} ${event.target}`,
        after: { version: event.version, requestId: event.requestId },
      };
    default:
      return null;
  }
}

const PROMOTION_ACTS = {
  'promotion_request.opened': 'PROMOTION_REQUESTED',
  'promotion_request.approved': 'PROMOTION_APPROVED',
  'promotion_request.rejected': 'PROMOTION_REJECTED',
  'promotion_request.withdrawn': 'PROMOTION_WITHDRAWN',
  'promotion_request.applied': 'PROMOTION_APPLIED',
} as const;
