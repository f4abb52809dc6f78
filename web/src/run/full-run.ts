// A run as its room reads it.
import type { RunQuery } from '../api/documents.gen.ts';

export type FullRun = NonNullable<RunQuery['run']>;
