-- Why an alias was moved, as whoever moved it said.
alter table model_alias_changes add column comment text;

-- Which stages versions went through, for everyone who may read the model; kept from now on. The audit log is for administrators.
create table model_stage_changes (
  team_id              integer not null,
  registered_model_id  integer not null,
  change_id            bigint generated always as identity,
  version              integer not null,
  stage                text not null,
  previous             text,
  comment              text,
  changed_by           integer references users on delete set null,
  changed_at           timestamptz not null default now(),
  primary key (team_id, registered_model_id, change_id),
  foreign key (team_id, registered_model_id) references registered_models on delete cascade
);
comment on column model_stage_changes.version is 'no foreign key, a change outlives the version';
