-- Servers that run an older release beside a newer one (an upgrade under way, a way back) do not keep what the newer one relies on: summaries that are
-- marked stale, messages in the words of this release. The database refuses what they write. A connection tells its release by its application_name,
-- 'runledger/<generation> …' (src/postgres/generation.ts), which also poolers pass on; what connects by another name writes without knowing the rules.
create function minimum_server_generation() returns integer language sql immutable as 'select 2';
comment on function minimum_server_generation() is 'the oldest generation of servers that may write; a later migration replaces it';

create function refuse_older_servers() returns trigger language plpgsql as $$
begin
  if coalesce(substring(current_setting('application_name') from '^runledger/(\d{1,6})')::integer, 0) < minimum_server_generation() then
    raise exception using errcode = 'RL002',
      message = 'A newer Runledger has brought this database up to date, and this server is too old to write to it. Start the newer version everywhere.',
      hint = 'docs/deploy.md says how to upgrade without a gap and how to go back. To write by hand: set application_name = ''runledger/2''.';
  end if;
  return null;
end $$;

-- Once a statement, whatever it writes. Every write of a run's values passes one of the first four; the others hold what older releases can't read.
create trigger runs_refuse_older before insert or update or delete on runs for each statement execute function refuse_older_servers();
create trigger run_metrics_refuse_older before insert or update or delete on run_metrics for each statement execute function refuse_older_servers();
create trigger run_params_refuse_older before insert or update or delete on run_params for each statement execute function refuse_older_servers();
create trigger run_tags_refuse_older before insert or update or delete on run_tags for each statement execute function refuse_older_servers();
create trigger webhook_deliveries_refuse_older before insert or update on webhook_deliveries for each statement execute function refuse_older_servers();
-- Made at every start: an older server doesn't come up.
create trigger sign_in_links_refuse_older before insert on sign_in_links for each statement execute function refuse_older_servers();
