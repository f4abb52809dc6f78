// What passwords may be, for whoever sets one.
import { invalid } from '../../lib/errors.ts';
import { weaknessOfPassword } from '../../lib/weakPasswords.ts';
import { checkText } from './checks.ts';

/** `email`: whose it is to be. Throws INVALID_ARGUMENT with what to do. */
export function checkNewPassword(argument: string, password: string, email: string): void {
  checkText(argument, password);
  const weakness = weaknessOfPassword(password, email);
  if (weakness) throw invalid(weakness, { argument });
}
