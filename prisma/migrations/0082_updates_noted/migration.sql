-- As 0080 ends. A database that ran 0080 before it was extended gets here what it lacks; in others nothing changes.
create or replace function note_run_change() returns trigger language plpgsql as $$
declare
  txid xid8 := pg_current_xact_id();
  ended boolean := new.status in ('FINISHED', 'FAILED', 'KILLED') and old.status <> new.status;
  moved boolean := (old.deleted_at is null) <> (new.deleted_at is null);
begin
  insert into run_changes as c (team_id, run_id, changed_txid, finished_txid, lifecycle_txid, era)
  values (new.team_id, new.run_id, txid, case when ended then txid end, case when moved then txid end, txid::text::bigint >> 16)
  on conflict (team_id, run_id) do update set
    changed_txid = excluded.changed_txid, era = excluded.era,
    finished_txid = coalesce(excluded.finished_txid, c.finished_txid), lifecycle_txid = coalesce(excluded.lifecycle_txid, c.lifecycle_txid);
  return null;
end $$;
