-- Points that come late are new if the stored count is the one that their writer knows. Takes the room that alignment left behind recount.
alter table run_metrics add column known integer not null default 0;
comment on column run_metrics.known is 'given by writers: the count with which their points are certainly new, 0 = unknown. Kept: not 0 = it was another when last given';
