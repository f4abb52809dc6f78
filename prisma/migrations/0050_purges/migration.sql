-- Deletion for good (src/domain/purge.ts): first the row that clients know, together with a row here that says what is left to remove; then
-- files and the rest. Claimed across teams with `for update skip locked`, so on Citus it stays a local table of the coordinator.
create table purges (
  team_id        integer not null,
  kind           text not null check (kind in ('RUN', 'LOGGED_MODEL', 'EXPERIMENT')),
  target         text not null,
  folder         text,
  claimed_until  timestamptz,
  created_at     timestamptz not null default now(),
  primary key (team_id, kind, target)
);
comment on column purges.target is 'the id that it had: 32 hex digits, or an experiment''s number. No foreign keys: what it names is gone already';
comment on column purges.folder is 'of its files, below the team''s root; null = they are not on this server';
comment on column purges.claimed_until is 'while a process removes it, the time at which another may take over';

-- Finding what was deleted long enough ago. Most is not deleted, so these are small.
create index runs_deleted_idx on runs (team_id, deleted_at, run_id) where deleted_at is not null;
create index logged_models_deleted_idx on logged_models (team_id, deleted_at) where deleted_at is not null;
-- Removing a logged model looks for the runs that read it.
create index run_model_inputs_model_idx on run_model_inputs (team_id, model_id);
