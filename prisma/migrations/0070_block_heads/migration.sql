-- Summaries of blocks with many points of each of their keys, as large requests make: curves of what was just logged are drawn from them.
alter table metric_blocks add column head bytea;
comment on column metric_blocks.head is 'src/codec/heads.ts; null where readers need the points';
alter table metric_blocks alter column head set storage main;
