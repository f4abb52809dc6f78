select r.run_id, r.name, r.status, r.start_time, r.document from latest o join run r on r.run_id = o.run_id
 where o.key_id = 0 and r.experiment_id = 1
   and exists (select from latest l where l.run_id = r.run_id and l.key_id = 2 and l.value < 0.5)
   and exists (select from param p where p.run_id = r.run_id and p.key_id = 0 and p.value = 'adam')
   and exists (select from tag t where t.run_id = r.run_id and t.key_id = 0 and t.value = 'team-3')
 order by o.value desc, r.run_id limit 100;
