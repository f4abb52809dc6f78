// Inputs that name an alias or a stage, as rules take them.
import type { Target } from '../../domain/governance/guard.ts';
import { invalid } from '../../lib/errors.ts';

/** Throws INVALID_ARGUMENT unless one of both is given. */
export function targetOf({ alias, stage }: { alias?: string | null | undefined; stage?: string | null | undefined }): Target {
  if ((alias == null) === (stage == null)) throw invalid("Give either 'alias' or 'stage'.", { argument: 'alias' });
  return alias == null ? { kind: 'stage', target: stage! } : { kind: 'alias', target: alias };
}
