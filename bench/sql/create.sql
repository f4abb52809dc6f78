insert into run (experiment_id, name, status, start_time) values (3, 'run', 'RUNNING', 1700000000000) returning run_id;
