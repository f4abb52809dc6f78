select r.run_id, r.name, r.status, r.start_time, r.document
  from (select run_id from latest where key_id = 0 order by value, run_id limit 100) l join run r on r.run_id = l.run_id;
