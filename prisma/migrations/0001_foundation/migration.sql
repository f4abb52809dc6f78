-- Every table with a team's data starts its keys with team_id: it is the wall between teams and the distribution column on Citus.
-- Times that clients send are bigint milliseconds since 1970 (MLflow's unit); times that the server takes are timestamptz.

-- Global: people, teams, credentials ------------------------------------------------------------------------------------

create table users (
  user_id        integer generated always as identity primary key,
  email          text not null,
  name           text not null,
  password_hash  text,
  is_admin       boolean not null default false,
  disabled_at    timestamptz,
  created_at     timestamptz not null default now()
);
create unique index users_email_key on users (lower(email));

create table teams (
  team_id     integer generated always as identity primary key,
  slug        text not null unique,
  name        text not null,
  created_at  timestamptz not null default now()
);

create table sessions (
  session_id    uuid primary key,
  user_id       integer not null references users on delete cascade,
  refresh_hash  bytea not null unique,
  user_agent    text,
  created_at    timestamptz not null default now(),
  used_at       timestamptz not null default now(),
  expires_at    timestamptz not null
);
create index sessions_user_idx on sessions (user_id);

-- One-time sign-in links (the one printed at start, invitations later).
create table sign_in_links (
  link_hash   bytea primary key,
  user_id     integer not null references users on delete cascade,
  expires_at  timestamptz not null
);

create table api_tokens (
  token_id      uuid primary key,
  token_hash    bytea not null unique,
  user_id       integer not null references users on delete cascade,
  team_id       integer references teams on delete cascade,
  name          text not null,
  role          text,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz,
  last_used_at  timestamptz,
  revoked_at    timestamptz
);
create index api_tokens_user_idx on api_tokens (user_id);
comment on column api_tokens.team_id is 'null = every team of the owner; else only this one';
comment on column api_tokens.role is 'null = the owner''s role; else at most this one';

-- Per team ---------------------------------------------------------------------------------------------------------------

create table memberships (
  team_id     integer not null references teams on delete cascade,
  user_id     integer not null references users on delete cascade,
  role        text not null check (role in ('VIEWER', 'CONTRIBUTOR', 'MAINTAINER', 'ADMIN')),
  created_at  timestamptz not null default now(),
  primary key (team_id, user_id)
);
create index memberships_user_idx on memberships (user_id);

-- Experiment numbers count per team; the row is made with the team.
create table team_counters (
  team_id             integer primary key references teams on delete cascade,
  next_experiment_id  integer not null default 0
);

-- One dictionary a team: names of params, metrics and tags are stored once and used by number.
create table keys (
  team_id  integer not null references teams on delete cascade,
  key_id   integer generated always as identity,
  name     text not null,
  primary key (team_id, key_id),
  unique (team_id, name)
);

create table experiments (
  team_id            integer not null references teams on delete cascade,
  experiment_id      integer not null,
  name               text not null,
  artifact_location  text not null,
  created_by         integer references users on delete set null,
  creation_time      bigint not null,
  last_update_time   bigint not null,
  deleted_at         timestamptz,
  primary key (team_id, experiment_id),
  unique (team_id, name)
);

create table experiment_tags (
  team_id        integer not null,
  experiment_id  integer not null,
  key            text not null,
  value          text not null,
  primary key (team_id, experiment_id, key),
  foreign key (team_id, experiment_id) references experiments on delete cascade
);

create table runs (
  team_id        integer not null,
  run_id         uuid not null,
  experiment_id  integer not null,
  name           text not null,
  status         text not null check (status in ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
  user_id        text not null default '',
  created_by     integer references users on delete set null,
  start_time     bigint not null default 0,
  end_time       bigint,
  artifact_uri   text not null,
  deleted_at     timestamptz,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  primary key (team_id, run_id),
  foreign key (team_id, experiment_id) references experiments on delete cascade
);
comment on column runs.user_id is 'what the client says; created_by is who was authenticated';
create index runs_recent_idx on runs (team_id, experiment_id, start_time desc, run_id);

-- The four tables below have no foreign key to runs: a check for each logged value costs more than storing it. The statement that
-- writes them reads the run first, and runs are removed for good only long after they were deleted, with what belongs to them.
create table run_params (
  team_id        integer not null,
  run_id         uuid not null,
  key_id         integer not null,
  experiment_id  integer not null,
  value          text not null,
  primary key (team_id, run_id, key_id)
);

create table run_tags (
  team_id        integer not null,
  run_id         uuid not null,
  key_id         integer not null,
  experiment_id  integer not null,
  value          text not null,
  primary key (team_id, run_id, key_id)
);

-- Latest point and running statistics of a (run, key): what searches, sorts and tables read.
-- value, step, timestamp: the greatest by (step, timestamp, value). min, max and the sum leave NaN out; count counts every point.
-- scaled_sum is the sum times 2^-64, so that adding the largest doubles can't overflow (Postgres would refuse the statement).
create table run_metrics (
  team_id        integer not null,
  run_id         uuid not null,
  key_id         integer not null,
  experiment_id  integer not null,
  value          double precision not null,
  step           bigint not null,
  timestamp      bigint not null,
  min            double precision,
  max            double precision,
  scaled_sum     double precision not null default 0,
  count          bigint not null default 0,
  nan_count      bigint not null default 0,
  first_value    double precision not null,
  first_step     bigint not null,
  first_timestamp bigint not null,
  primary key (team_id, run_id, key_id)
);
create index run_metrics_value_idx on run_metrics (team_id, experiment_id, key_id, value, run_id);

-- Every point once: the key is the whole point. txid tells subscribers what is new since a snapshot.
create table metric_points (
  team_id    integer not null,
  run_id     uuid not null,
  key_id     integer not null,
  step       bigint not null,
  timestamp  bigint not null,
  value      double precision not null,
  txid       xid8 not null default pg_current_xact_id(),
  primary key (team_id, run_id, key_id, step, timestamp, value)
);

create table datasets (
  team_id        integer not null,
  dataset_id     bigint generated always as identity,
  experiment_id  integer not null,
  name           text not null,
  digest         text not null,
  source_type    text not null,
  source         text not null,
  schema         text,
  profile        text,
  primary key (team_id, dataset_id),
  unique (team_id, experiment_id, name, digest),
  foreign key (team_id, experiment_id) references experiments on delete cascade
);

create table run_datasets (
  team_id     integer not null,
  run_id      uuid not null,
  dataset_id  bigint not null,
  position    integer generated always as identity,
  primary key (team_id, run_id, dataset_id),
  foreign key (team_id, run_id) references runs on delete cascade,
  foreign key (team_id, dataset_id) references datasets on delete cascade
);
create index run_datasets_dataset_idx on run_datasets (team_id, dataset_id);

create table run_dataset_tags (
  team_id     integer not null,
  run_id      uuid not null,
  dataset_id  bigint not null,
  key         text not null,
  value       text not null,
  primary key (team_id, run_id, dataset_id, key),
  foreign key (team_id, run_id, dataset_id) references run_datasets on delete cascade
);

create table logged_models (
  team_id          integer not null,
  model_id         uuid not null,
  experiment_id    integer not null,
  name             text not null,
  model_type       text,
  artifact_uri     text not null,
  status           text not null check (status in ('PENDING', 'READY', 'UPLOAD_FAILED')),
  status_message   text,
  source_run_id    text,
  created_by       integer references users on delete set null,
  creation_time    bigint not null,
  last_update_time bigint not null,
  deleted_at       timestamptz,
  primary key (team_id, model_id),
  foreign key (team_id, experiment_id) references experiments on delete cascade
);
comment on column logged_models.model_id is 'shown as m- and 32 hex digits';
create index logged_models_recent_idx on logged_models (team_id, experiment_id, creation_time desc, model_id);
create index logged_models_run_idx on logged_models (team_id, source_run_id);

create table logged_model_params (
  team_id   integer not null,
  model_id  uuid not null,
  key       text not null,
  value     text not null,
  primary key (team_id, model_id, key),
  foreign key (team_id, model_id) references logged_models on delete cascade
);

create table logged_model_tags (
  team_id   integer not null,
  model_id  uuid not null,
  key       text not null,
  value     text not null,
  primary key (team_id, model_id, key),
  foreign key (team_id, model_id) references logged_models on delete cascade
);

-- Points that name a logged model, beside the run's own history. '' = no dataset.
create table logged_model_metrics (
  team_id         integer not null,
  model_id        uuid not null,
  key             text not null,
  run_id          uuid not null,
  dataset_name    text not null default '',
  dataset_digest  text not null default '',
  step            bigint not null,
  timestamp       bigint not null,
  value           double precision not null,
  primary key (team_id, model_id, key, run_id, dataset_name, dataset_digest, step, timestamp, value),
  foreign key (team_id, model_id) references logged_models on delete cascade
);

create table run_model_inputs (
  team_id   integer not null,
  run_id    uuid not null,
  model_id  uuid not null,
  position  integer generated always as identity,
  primary key (team_id, run_id, model_id),
  foreign key (team_id, run_id) references runs on delete cascade,
  foreign key (team_id, model_id) references logged_models on delete cascade
);

create table run_model_outputs (
  team_id   integer not null,
  run_id    uuid not null,
  model_id  uuid not null,
  step      bigint not null,
  position  integer generated always as identity,
  primary key (team_id, run_id, model_id),
  foreign key (team_id, run_id) references runs on delete cascade,
  foreign key (team_id, model_id) references logged_models on delete cascade
);
create index run_model_outputs_model_idx on run_model_outputs (team_id, model_id);

create table registered_models (
  team_id              integer not null references teams on delete cascade,
  registered_model_id  integer generated always as identity,
  name                 text not null,
  description          text,
  next_version         integer not null default 1,
  created_by           integer references users on delete set null,
  creation_time        bigint not null,
  last_update_time     bigint not null,
  primary key (team_id, registered_model_id),
  unique (team_id, name)
);
comment on column registered_models.next_version is 'version numbers are never used twice, not even after a version is deleted';

create table registered_model_tags (
  team_id              integer not null,
  registered_model_id  integer not null,
  key                  text not null,
  value                text not null,
  primary key (team_id, registered_model_id, key),
  foreign key (team_id, registered_model_id) references registered_models on delete cascade
);

create table model_versions (
  team_id              integer not null,
  registered_model_id  integer not null,
  version              integer not null,
  stage                text not null default 'None' check (stage in ('None', 'Staging', 'Production', 'Archived')),
  description          text,
  source               text not null,
  storage_location     text not null,
  run_id               text,
  run_link             text,
  model_id             uuid,
  status               text not null default 'READY' check (status in ('PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY')),
  status_message       text,
  user_id              text not null default '',
  created_by           integer references users on delete set null,
  creation_time        bigint not null,
  last_update_time     bigint not null,
  primary key (team_id, registered_model_id, version),
  foreign key (team_id, registered_model_id) references registered_models on delete cascade
);
comment on column model_versions.run_id is 'what the client says; no foreign key, a version outlives the run that made it';
create index model_versions_run_idx on model_versions (team_id, run_id);
create index model_versions_model_idx on model_versions (team_id, model_id);
create index model_versions_updated_idx on model_versions (team_id, last_update_time desc);

create table model_version_tags (
  team_id              integer not null,
  registered_model_id  integer not null,
  version              integer not null,
  key                  text not null,
  value                text not null,
  primary key (team_id, registered_model_id, version, key),
  foreign key (team_id, registered_model_id, version) references model_versions on delete cascade
);

create table model_aliases (
  team_id              integer not null,
  registered_model_id  integer not null,
  alias                text not null,
  version              integer not null,
  primary key (team_id, registered_model_id, alias),
  foreign key (team_id, registered_model_id, version) references model_versions on delete cascade
);
create index model_aliases_version_idx on model_aliases (team_id, registered_model_id, version);
