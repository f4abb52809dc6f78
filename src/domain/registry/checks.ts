// What names, version numbers, stages, aliases and tags of the registry may be. Knows no rows.
import { invalid } from '../../lib/errors.ts';
import { checkKey, checkLength, LIMITS } from '../limits.ts';

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof STAGES)[number];
export type Tag = { key: string; value: string };

const NAME_LENGTH = 256;
const ALIAS_LENGTH = 255;
const DESCRIPTION_LENGTH = 100_000;
const MAX_INT32 = 2_147_483_647;

/** `argument` is the input that the message names. */
export function checkModelName(name: string, argument = 'name'): void {
  if (name.trim() === '') throw invalid('Give the model a name.', { reason: 'model-name-empty', argument });
  if (/[/:]/.test(name)) throw invalid(`'${name}' can't name a model: leave out '/' and ':'.`, { reason: 'model-name-invalid', argument, name });
  if (name === '.' || name.startsWith('..')) {
    throw invalid(`'${name}' can't name a model: as the path of a file it would lead elsewhere.`, { reason: 'model-name-unsafe', argument, name });
  }
  checkLength(argument, NAME_LENGTH, name);
}

export const checkDescription = (description: string | null | undefined): void => checkLength('description', DESCRIPTION_LENGTH, description ?? '');

const COMMENT_LENGTH = 1_000;
/** Why an alias or a stage was moved. */
export const checkComment = (comment: string | null | undefined): void => checkLength('comment', COMMENT_LENGTH, comment ?? '');

/** Version numbers arrive as text. One that no version can have comes out as 0, so that it is simply not found. */
export function parseVersion(version: string | number): number {
  if (!/^\s*[+-]?\d+\s*$/.test(String(version))) {
    throw invalid(`A version is a whole number, not '${version}'.`, { reason: 'version-not-a-number', argument: 'version', version });
  }
  const number = Number(version);
  return number > 0 && number <= MAX_INT32 ? number : 0;
}

/** Any case; throws INVALID_ARGUMENT for what isn't a stage. */
export function parseStage(stage: string): Stage {
  const known = STAGES.find((one) => one.toLowerCase() === stage.toLowerCase());
  if (!known) {
    throw invalid(`'${stage}' is no stage. Stages: ${STAGES.join(', ')}.`, { reason: 'stage-unknown', argument: 'stage', stage, stages: STAGES });
  }
  return known;
}

export const isLatest = (alias: string): boolean => alias.toLowerCase() === 'latest';

export function checkAlias(alias: string): void {
  if (alias === '') throw invalid('Give the alias a name.', { reason: 'alias-empty', argument: 'alias' });
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias)) {
    throw invalid(`'${alias}' can't be an alias: use letters, digits, '_' and '-' alone.`, { reason: 'alias-invalid', argument: 'alias', alias });
  }
  checkLength('alias', ALIAS_LENGTH, alias);
}

/** For aliases that are to be set: `latest` and `v1` would shadow what these words already mean. */
export function checkNewAlias(alias: string): void {
  checkAlias(alias);
  if (isLatest(alias) || /^[vV]\d+$/.test(alias)) {
    throw invalid(`'${alias}' can't be an alias: it means a version already. Choose another.`, {
      reason: 'alias-reserved',
      argument: 'alias',
      alias,
    });
  }
}

export function checkTag({ key, value }: Tag): void {
  checkKey(key, 'key');
  checkLength('value', LIMITS.registryTagValueLength, value);
}

/** Checked, and each key once: the last value given wins. */
export function checkTags(tags: Tag[]): Tag[] {
  for (const tag of tags) checkTag(tag);
  return [...new Map(tags.map((tag) => [tag.key, tag])).values()];
}

/** Prompts are registered models that carry this tag; searches hide them unless it is asked for. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

/** Whether these tags of a registered model, or of a version at its making, say that it is a prompt. */
export const hasPromptTag = (tags: Tag[]): boolean => tags.some((tag) => tag.key === PROMPT_TAG && tag.value.toLowerCase() === 'true');
