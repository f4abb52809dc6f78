-- The least that could hold the same: runs with what a search prints of them as one text, latest values to search by, points to append to.
create table run (
  run_id uuid primary key default gen_random_uuid(),
  n integer,
  experiment_id integer not null,
  name text not null,
  status text not null,
  start_time bigint not null,
  document text
);
create index on run (experiment_id, start_time desc, run_id);
create index on run (experiment_id, name text_pattern_ops);
create table point (run_id uuid not null, key_id integer not null, step bigint not null, timestamp bigint not null, value double precision not null);
create index on point (run_id, key_id, step);
create table latest (
  run_id uuid not null,
  key_id integer not null,
  step bigint not null,
  timestamp bigint not null,
  value double precision not null,
  primary key (run_id, key_id)
);
create index on latest (key_id, value, run_id);
create table param (run_id uuid not null, key_id integer not null, value text not null, primary key (run_id, key_id));
create index on param (key_id, value);
create table tag (run_id uuid not null, key_id integer not null, value text not null, primary key (run_id, key_id));
create index on tag (key_id, value);
create sequence step;
