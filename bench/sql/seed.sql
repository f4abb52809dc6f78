insert into run (n, experiment_id, name, status, start_time)
  select n, 1, 'run-' || lpad(n::text, 7, '0'), 'FINISHED', 1700000000000 + n * 1000 from generate_series(0, :runs - 1) n;
insert into point (run_id, key_id, step, timestamp, value)
  select run_id, key, 0, start_time, (((n::bigint * (7919 + 2 * key) + key) % :runs) + 0.5) / :runs from run, generate_series(0, 19) key;
insert into latest (run_id, key_id, step, timestamp, value) select run_id, key_id, step, timestamp, value from point;
insert into param (run_id, key_id, value)
  select run_id, key, case key when 0 then (array['adam', 'sgd', 'lion', 'rmsprop'])[n % 4 + 1] else 'value ' || n::bigint * (key + 1) % 100 end
    from run, generate_series(0, 19) key;
insert into tag (run_id, key_id, value)
  select run_id, key, case key when 0 then 'team-' || n % 5 else 'tag ' || n % (10 + key) end from run, generate_series(0, 7) key;
update run r set document = concat_ws(',',
  (select string_agg('{"key":"metric_' || key_id || '","value":' || value || ',"timestamp":' || timestamp || ',"step":0}', ',') from latest where run_id = r.run_id),
  (select string_agg('{"key":"param_' || key_id || '","value":"' || value || '"}', ',') from param where run_id = r.run_id),
  (select string_agg('{"key":"tag_' || key_id || '","value":"' || value || '"}', ',') from tag where run_id = r.run_id));
insert into run (n, experiment_id, name, status, start_time) select -1 - n, 2, 'target-' || n, 'RUNNING', 0 from generate_series(0, 15) n;
insert into point (run_id, key_id, step, timestamp, value)
  select run_id, 99, step, 1700000000000 + step, sin(step) from run, generate_series(0, 14999) step where n = -1;
create table target as select row_number() over (order by n)::integer as i, run_id from run where n < 0;
create unique index on target (i)
