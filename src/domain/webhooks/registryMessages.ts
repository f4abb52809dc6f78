// Which webhook message an event of the registry is, with MLflow's names and payloads.

import type { Db } from '../../context.ts';
import { findModel } from '../../db/registry/models.ts';
import { hasPromptTag, PROMPT_TAG, type Tag } from '../registry/checks.ts';
import type { ModelEvent } from '../registry/events.ts';
import type { WebhookAction, WebhookEntity, WebhookEvent } from './events.ts';

const PROMPT_TEXT_TAG = 'mlflow.prompt.text';
/** Tags that say that a model is a prompt, and of what kind; its messages leave them out. */
const PROMPT_TAGS = new Set([PROMPT_TAG, '_mlflow_prompt_type']);

const asMap = (tags: Tag[]) => Object.fromEntries(tags.map(({ key, value }) => [key, value]));

export type ModelMessage = { event: WebhookEvent; payload: Record<string, unknown> };

/** The message that MLflow sends of the event, if it sends any. Prompts have entities of their own (mlflow/server/handlers.py). */
export async function webhookMessage(tx: Db, teamId: number, event: ModelEvent): Promise<ModelMessage | null> {
  const { name } = event;
  const message = (entity: WebhookEntity, action: WebhookAction, payload: Record<string, unknown>) => ({
    event: { entity, action },
    payload: { name, ...payload },
  });
  const isPrompt = async () => hasPromptTag((await findModel(tx, teamId, name))?.tags ?? []);
  switch (event.event) {
    case 'registered_model.created': {
      const { tags, description } = event;
      if (!hasPromptTag(tags)) return message('REGISTERED_MODEL', 'CREATED', { tags: asMap(tags), description });
      return message('PROMPT', 'CREATED', { tags: asMap(tags.filter((tag) => !PROMPT_TAGS.has(tag.key))), description });
    }
    case 'registered_model_tag.set':
      return (await isPrompt()) ? message('PROMPT_TAG', 'SET', { key: event.key, value: event.value }) : null;
    case 'registered_model_tag.deleted':
      return (await isPrompt()) ? message('PROMPT_TAG', 'DELETED', { key: event.key }) : null;
    case 'model_version.created': {
      const { tags, description, source, runId } = event;
      const version = String(event.version);
      if (!hasPromptTag(tags)) return message('MODEL_VERSION', 'CREATED', { version, source, run_id: runId, tags: asMap(tags), description });
      const template = tags.find((tag) => tag.key === PROMPT_TEXT_TAG)?.value ?? null;
      const others = tags.filter((tag) => tag.key !== PROMPT_TEXT_TAG && !PROMPT_TAGS.has(tag.key));
      return message('PROMPT_VERSION', 'CREATED', { version, template, tags: asMap(others), description });
    }
    case 'model_version_tag.set': {
      const { key, value } = event;
      return message((await isPrompt()) ? 'PROMPT_VERSION_TAG' : 'MODEL_VERSION_TAG', 'SET', { version: String(event.version), key, value });
    }
    case 'model_version_tag.deleted':
      return message((await isPrompt()) ? 'PROMPT_VERSION_TAG' : 'MODEL_VERSION_TAG', 'DELETED', { version: String(event.version), key: event.key });
    case 'model_version_alias.created': {
      const { alias, version } = event;
      return message((await isPrompt()) ? 'PROMPT_ALIAS' : 'MODEL_VERSION_ALIAS', 'CREATED', { alias, version: String(version) });
    }
    case 'model_version_alias.deleted':
      return message((await isPrompt()) ? 'PROMPT_ALIAS' : 'MODEL_VERSION_ALIAS', 'DELETED', { alias: event.alias });
    default:
      return null;
  }
}
