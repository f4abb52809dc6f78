select r.run_id, r.name, r.status, r.start_time, r.document from run r
 where r.experiment_id = 1 and exists (select from latest l where l.run_id = r.run_id and l.key_id = 3 and l.value > 2)
 order by r.start_time desc, r.run_id limit 100;
