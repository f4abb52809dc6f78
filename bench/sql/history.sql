select step, timestamp, value from point where run_id = (select run_id from target where i = 16) and key_id = 99 order by step;
