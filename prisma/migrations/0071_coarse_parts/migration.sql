-- Summaries of chunks for curves of a hundred thousand points, an eighth of what `parts` takes to read. Chunks written before have none.
alter table metric_chunks add column coarse bytea;
comment on column metric_chunks.coarse is 'the least and the greatest of each 512 points';
alter table metric_chunks alter column coarse set storage main;
