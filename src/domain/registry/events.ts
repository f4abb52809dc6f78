// What can happen to registered models and their versions.
import type { Tag } from './checks.ts';

/** `name` is the registered model's name after the act.  */
export type ModelEvent =
  | { event: 'registered_model.created'; name: string; description: string | null; tags: Tag[] }
  | { event: 'registered_model.renamed'; name: string; oldName: string }
  | { event: 'registered_model.updated' | 'registered_model.deleted'; name: string }
  | { event: 'registered_model_tag.set'; name: string; key: string; value: string }
  | { event: 'registered_model_tag.deleted'; name: string; key: string }
  | { event: 'model_version.created'; name: string; version: number; source: string; runId: string | null; description: string | null; tags: Tag[] }
  | { event: 'model_version.updated' | 'model_version.deleted'; name: string; version: number }
  | { event: 'model_version.stage_changed'; name: string; version: number; stage: string; before: string | null }
  | { event: 'model_version_tag.set'; name: string; version: number; key: string; value: string }
  | { event: 'model_version_tag.deleted'; name: string; version: number; key: string }
  | { event: 'model_version_alias.created'; name: string; alias: string; version: number; before: number | null }
  | { event: 'model_version_alias.deleted'; name: string; alias: string; before: number | null }
  /** A request to move a protected alias or stage was made, voted on, or closed. */
  | {
      event:
        | 'promotion_request.opened'
        | 'promotion_request.approved'
        | 'promotion_request.rejected'
        | 'promotion_request.withdrawn'
        | 'promotion_request.applied';
      name: string;
      version: number | null;
      requestId: string;
      kind: 'alias' | 'stage';
      target: string;
    };
