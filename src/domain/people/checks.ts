// What names and addresses may be. Shared by the rules about users, teams and tokens.

import type { Ctx } from '../../context.ts';
import { AppError, invalid } from '../../lib/errors.ts';
import { isText } from '../limits.ts';

const MAX_NAME = 200;
/** Beside the actions of src/auth/policy.ts: what server administrators alone may do. */
export const SERVER_ACTION = 'server:manage';

/** Trimmed, 1–200 characters, storable: Postgres has no NUL, and a lone surrogate is no text. Throws INVALID_ARGUMENT. */
export function checkName(argument: string, value: string): string {
  const name = value.trim();
  if (name.length === 0 || name.length > MAX_NAME) throw invalid(`'${argument}' must have 1 to ${MAX_NAME} characters.`, { argument });
  checkText(argument, name);
  return name;
}

export function checkText(argument: string, value: string): void {
  if (!isText(value)) throw invalid(`'${argument}' holds a character that isn't text (NUL or half of a pair).`, { argument });
}

/** Not more than a look: only a message that arrives proves an address. Kept as written, compared without case. */
export function checkEmail(value: string): string {
  const email = checkName('email', value);
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw invalid(`'${email}' is not an email address.`, { argument: 'email' });
  return email;
}

export function requireServerAdmin(ctx: Ctx, act: string): void {
  if (!ctx.viewer.isServerAdmin) {
    throw new AppError('FORBIDDEN', `Only a server administrator may ${act} (and not with a token that is narrowed to a team or a role).`, {
      action: SERVER_ACTION,
    });
  }
}
