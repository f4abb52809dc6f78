-- All params, tags and latest metrics of a run as one text, so that a page of runs is read as a row a run (docs/adr/0010-run-summaries.md).
-- Whoever writes a value of a run locks its row here first, in the same transaction, and so marks it stale or waits until it is built.
create table run_summaries (
  team_id  integer not null,
  run_id   uuid not null,
  stale    boolean not null default true,
  data     text,
  primary key (team_id, run_id),
  foreign key (team_id, run_id) references runs on delete cascade
) with (toast_tuple_target = 256);
comment on column run_summaries.data is 'JSON of src/codec/runSummary.ts; null = stale, or longer than is worth keeping';
create index run_summaries_stale_idx on run_summaries (team_id, run_id) where stale;

-- Compressed, and beside its run's id rather than in a table of its own.
alter table run_summaries alter column data set storage main;

insert into run_summaries (team_id, run_id) select team_id, run_id from runs;
