\set i random(1, 16)
with one as materialized (select run_id, nextval('step') as step from target where i = :i),
     given as materialized (select run_id, 2000 + key as key_id, step from one, generate_series(1, 10) key),
     appended as (insert into point select run_id, key_id, step, 1700000000000, step from given)
insert into latest select run_id, key_id, step, 1700000000000, step from given
on conflict (run_id, key_id) do update set step = excluded.step, timestamp = excluded.timestamp, value = excluded.value;
