// The stages there are.
import type { ModelStage } from '../api/documents.gen.ts';

export const STAGES: ModelStage[] = ['NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED'];
