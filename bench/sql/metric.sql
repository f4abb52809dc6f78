\set i random(1, 16)
with given as materialized (select run_id, 1000 as key_id, nextval('step') as step from target where i = :i),
     appended as (insert into point select run_id, key_id, step, 1700000000000, step from given)
insert into latest select run_id, key_id, step, 1700000000000, step from given
on conflict (run_id, key_id) do update set step = excluded.step, timestamp = excluded.timestamp, value = excluded.value;
