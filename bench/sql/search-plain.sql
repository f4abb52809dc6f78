select run_id, name, status, start_time, document from run where experiment_id = 1 order by start_time desc, run_id limit 100;
