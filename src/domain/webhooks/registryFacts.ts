// Which webhook event a change of the registry is, and what is told of it.

import type { Db } from '../../context.ts';
import { findModel } from '../../db/registry/models.ts';
import { hasPromptTag, PROMPT_TAG } from '../registry/checks.ts';
import type { ModelEvent } from '../registry/events.ts';
import type { WebhookAction, WebhookEntity, WebhookEvent, WebhookFacts } from './events.ts';

const PROMPT_TEXT_TAG = 'mlflow.prompt.text';
/** Tags that say that a model is a prompt, and of what kind; its messages leave them out. */
const PROMPT_TAGS = new Set([PROMPT_TAG, '_mlflow_prompt_type']);

export type Told = { event: WebhookEvent; facts: WebhookFacts };

/** Null where nothing is told. Prompts have entities of their own (as in mlflow/server/handlers.py). */
export async function webhookFacts(tx: Db, teamId: number, event: ModelEvent): Promise<Told | null> {
  const { name } = event;
  const told = (entity: WebhookEntity, action: WebhookAction, more: Omit<WebhookFacts, 'name'>): Told => ({
    event: { entity, action },
    facts: { name, ...more },
  });
  const isPrompt = async () => hasPromptTag((await findModel(tx, teamId, name))?.tags ?? []);
  switch (event.event) {
    case 'registered_model.created': {
      const { tags, description } = event;
      if (!hasPromptTag(tags)) return told('REGISTERED_MODEL', 'CREATED', { tags, description });
      return told('PROMPT', 'CREATED', { tags: tags.filter((tag) => !PROMPT_TAGS.has(tag.key)), description });
    }
    case 'registered_model_tag.set':
      return (await isPrompt()) ? told('PROMPT_TAG', 'SET', { key: event.key, value: event.value }) : null;
    case 'registered_model_tag.deleted':
      return (await isPrompt()) ? told('PROMPT_TAG', 'DELETED', { key: event.key }) : null;
    case 'model_version.created': {
      const { tags, description, source, runId, version } = event;
      if (!hasPromptTag(tags)) return told('MODEL_VERSION', 'CREATED', { version, source, runId, tags, description });
      const template = tags.find((tag) => tag.key === PROMPT_TEXT_TAG)?.value ?? null;
      const others = tags.filter((tag) => tag.key !== PROMPT_TEXT_TAG && !PROMPT_TAGS.has(tag.key));
      return told('PROMPT_VERSION', 'CREATED', { version, template, tags: others, description });
    }
    case 'model_version_tag.set': {
      const { key, value } = event;
      return told((await isPrompt()) ? 'PROMPT_VERSION_TAG' : 'MODEL_VERSION_TAG', 'SET', { version: event.version, key, value });
    }
    case 'model_version_tag.deleted':
      return told((await isPrompt()) ? 'PROMPT_VERSION_TAG' : 'MODEL_VERSION_TAG', 'DELETED', { version: event.version, key: event.key });
    case 'model_version_alias.created': {
      const { alias, version } = event;
      return told((await isPrompt()) ? 'PROMPT_ALIAS' : 'MODEL_VERSION_ALIAS', 'CREATED', { alias, version });
    }
    case 'model_version_alias.deleted':
      return told((await isPrompt()) ? 'PROMPT_ALIAS' : 'MODEL_VERSION_ALIAS', 'DELETED', { alias: event.alias });
    default:
      return null;
  }
}
