\set i random(1, 16)
with one as materialized (select run_id, 1001 as key_id, nextval('step') * 1000 as step from target where i = :i),
     appended as (insert into point select run_id, key_id, step + k, 1700000000000, 0.5 from one, generate_series(0, 999) k)
insert into latest select run_id, key_id, step + 999, 1700000000000, 0.5 from one
on conflict (run_id, key_id) do update set step = excluded.step, timestamp = excluded.timestamp, value = excluded.value;
