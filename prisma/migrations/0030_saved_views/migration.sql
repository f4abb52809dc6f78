-- Named views of runs: what a table of runs shows, kept for one person or for the whole team.
create table saved_views (
  team_id        integer not null references teams on delete cascade,
  view_id        uuid not null,
  owner_id       integer references users on delete cascade,
  experiment_id  integer,
  name           text not null,
  state          jsonb not null,
  created_by     integer references users on delete set null,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  primary key (team_id, view_id),
  unique nulls not distinct (team_id, owner_id, experiment_id, name),
  foreign key (team_id, experiment_id) references experiments on delete cascade
);
comment on column saved_views.owner_id is 'null = the team''s';
comment on column saved_views.experiment_id is 'null = of all runs of the team';
create index saved_views_experiment_idx on saved_views (team_id, experiment_id);
