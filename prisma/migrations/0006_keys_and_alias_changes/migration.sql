-- Which params and tags an experiment has, found by stepping from key to key. Equal entries take next to no space.
create index run_params_key_idx on run_params (team_id, experiment_id, key_id);
create index run_tags_key_idx on run_tags (team_id, experiment_id, key_id);

-- Where an alias pointed and since when, for everyone who may read the model. The audit log is for administrators.
create table model_alias_changes (
  team_id              integer not null,
  registered_model_id  integer not null,
  alias                text not null,
  change_id            bigint generated always as identity,
  version              integer,
  changed_by           integer references users on delete set null,
  changed_at           timestamptz not null default now(),
  primary key (team_id, registered_model_id, alias, change_id),
  foreign key (team_id, registered_model_id) references registered_models on delete cascade
);
comment on column model_alias_changes.version is 'null = the alias was removed; no foreign key, a change outlives the version';

insert into model_alias_changes (team_id, registered_model_id, alias, version)
select team_id, registered_model_id, alias, version from model_aliases;
