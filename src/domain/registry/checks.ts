// What names, version numbers, stages, aliases and tags of the registry may be (mlflow/utils/validation.py). Knows no rows.
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
  if (name.trim() === '') throw invalid(`Missing value for required parameter '${argument}'.`, { argument });
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`, { argument });
  if (name === '.' || name.startsWith('..')) {
    throw invalid(
      `Invalid value ${JSON.stringify(name)} for parameter 'name' supplied: Names may be treated as files in certain cases, ` +
        `and must not resolve to other names when treated as such. This name would resolve to '${name}'`,
      { argument },
    );
  }
  checkLength(argument, NAME_LENGTH, name);
}

export const checkDescription = (description: string | null | undefined): void => checkLength('description', DESCRIPTION_LENGTH, description ?? '');

const COMMENT_LENGTH = 1_000;
/** Why an alias or a stage was moved. */
export const checkComment = (comment: string | null | undefined): void => checkLength('comment', COMMENT_LENGTH, comment ?? '');

/** Version numbers arrive as text. One that no version can have comes out as 0, so that it is simply not found. */
export function parseVersion(version: string | number): number {
  if (!/^\s*[+-]?\d+\s*$/.test(String(version))) throw invalid(`Parameter 'version' must be an integer, got '${version}'.`, { argument: 'version' });
  const number = Number(version);
  return number > 0 && number <= MAX_INT32 ? number : 0;
}

/** Any case; throws INVALID_ARGUMENT for what isn't a stage. */
export function parseStage(stage: string): Stage {
  const known = STAGES.find((one) => one.toLowerCase() === stage.toLowerCase());
  if (!known) throw invalid(`Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(', ')}.`, { argument: 'stage' });
  return known;
}

export const isLatest = (alias: string): boolean => alias.toLowerCase() === 'latest';

export function checkAlias(alias: string): void {
  if (alias === '') throw invalid('Registered model alias name cannot be empty.', { argument: 'alias' });
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias)) {
    throw invalid(`Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`, { argument: 'alias' });
  }
  checkLength('Registered model alias name', ALIAS_LENGTH, alias);
}

/** For aliases that are to be set: `latest` and `v1` would shadow what these words already mean. */
export function checkNewAlias(alias: string): void {
  checkAlias(alias);
  if (isLatest(alias)) throw invalid("'latest' alias name (case insensitive) is reserved.", { argument: 'alias' });
  if (/^[vV]\d+$/.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`, { argument: 'alias' });
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
