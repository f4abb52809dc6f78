-- Metric points, packed (docs/adr/0005-metric-storage.md). A distinct point of a (run, key) is stored once, in a block or in a chunk.

-- What one flush wrote to one run, and in which transaction: subscribers read what is new since a snapshot. Waits here for compaction, so the table stays small.
create table metric_blocks (
  team_id     integer not null,
  run_id      uuid not null,
  txid        bigint not null default txid_current(),
  block_id    bigint generated always as identity,
  created_at  timestamptz not null default now(),
  count       integer not null,
  from_step   bigint not null,
  to_step     bigint not null,
  points      bytea not null,
  primary key (team_id, run_id, txid, block_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_scale_factor = 0.1);
comment on column metric_blocks.points is 'src/codec/points.ts';

-- Compacted: up to about 4,000 points of one key, or of several keys that have few (key_id 0, of keys from first_key to last_key).
-- ends: first, last, least and greatest point. parts: the least and the greatest of each 64 points.
create table metric_chunks (
  team_id         integer not null,
  run_id          uuid not null,
  key_id          integer not null,
  chunk_id        bigint generated always as identity,
  first_key       integer not null,
  last_key        integer not null,
  count           integer not null,
  from_step       bigint not null,
  to_step         bigint not null,
  from_timestamp  bigint not null,
  to_timestamp    bigint not null,
  by_time         boolean not null,
  ends            bytea,
  parts           bytea,
  points          bytea not null,
  primary key (team_id, run_id, key_id, to_step, chunk_id)
);
comment on column metric_chunks.by_time is 'timestamps never fall along the steps, so the order by time is the same';

-- What compaction took from metric_blocks, one row each time, kept for those who follow a run by cursor.
create table metric_recent (
  team_id     integer not null,
  run_id      uuid not null,
  last_txid   bigint not null,
  recent_id   bigint generated always as identity,
  created_at  timestamptz not null default now(),
  count       integer not null,
  txids       bigint[] not null,
  sizes       integer[] not null,
  points      bytea not null,
  primary key (team_id, run_id, last_txid, recent_id)
);
comment on column metric_recent.points is 'the blocks of txids, one after the other, each of so many bytes as sizes says';
create index metric_recent_created_idx on metric_recent (created_at);

-- The greatest txid of a team that metric_recent no longer has: an older cursor would miss points.
create table metric_horizons (
  team_id  integer primary key references teams on delete cascade,
  txid     bigint not null
);

-- They are small or compressed already; and a slice of a value, or a row without it, must not cost the whole.
alter table metric_blocks alter column points set storage external;
alter table metric_recent alter column points set storage external;
alter table metric_chunks alter column points set storage external;
alter table metric_chunks alter column parts set storage main;

alter table run_metrics add column recount boolean not null default false;
comment on column run_metrics.recount is 'true only inside a transaction that has yet to count points which may be stored already';

-- Fixed-width rows are what SQL can pack; compaction packs them better.
insert into metric_blocks (team_id, run_id, txid, count, from_step, to_step, points)
select team_id, run_id, 3, count(*), min(step), max(step), '\x00'::bytea || string_agg(
         int4send(key_id) || int8send(step) || int8send(timestamp) || float8send(value + 0), ''::bytea order by key_id, step, timestamp, value)
  from (select *, (row_number() over (partition by team_id, run_id order by key_id, step, timestamp, value) - 1) / 20000 as part from metric_points) p
 group by team_id, run_id, part;
insert into metric_horizons (team_id, txid) select distinct team_id, txid_current() from metric_points;
drop table metric_points;
