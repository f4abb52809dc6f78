-- Read-only views for BI tools. Each team may have one database role, and a role sees its team's rows and nothing else:
--   · Views read the base tables with their owner's rights; nobody else has any on those.
--   · Every view is filtered by the team of current_user, which inside a view is still whoever asks. A user without a row in team_roles, the
--     server's own and superusers included, finds the views empty; hence anybody may ask them, and a new view needs no grants for each role.
--   · security_barrier: no function or operator of the asker's sees a row before that filter has let it through.
-- A migration that changes the type of a column below, or drops one, drops and creates the view again.
create schema reporting;

create table reporting.team_roles (
  team_id     integer primary key references teams on delete cascade,
  role_name   name not null unique,
  created_at  timestamptz not null default now()
);

-- Milliseconds that clients send may be any number: what is no moment of a calendar is null, since an error would end the whole query.
create function reporting.moment(milliseconds bigint) returns timestamptz language sql immutable parallel safe
  return case when milliseconds > 0 and milliseconds < 253402300800000 then to_timestamp(milliseconds / 1000.0) end;

create view reporting.runs with (security_barrier) as
select r.run_id, r.experiment_id, e.name as experiment, r.name, r.status, nullif(r.user_id, '') as user_name,
       reporting.moment(r.start_time) as started_at, reporting.moment(r.end_time) as ended_at,
       case when r.start_time > 0 and r.end_time >= r.start_time then (r.end_time::numeric - r.start_time)::double precision / 1000 end as duration_seconds,
       r.artifact_uri, r.created_at, r.updated_at
  from runs r join experiments e on e.team_id = r.team_id and e.experiment_id = r.experiment_id
 where r.team_id = (select t.team_id from reporting.team_roles t where t.role_name = current_user) and r.deleted_at is null;

create view reporting.params with (security_barrier) as
select p.run_id, k.name as key, p.value,
       case when length(p.value) <= 40 and p.value ~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$' then p.value::double precision end as number
  from run_params p join keys k on k.team_id = p.team_id and k.key_id = p.key_id
  join runs r on r.team_id = p.team_id and r.run_id = p.run_id
 where p.team_id = (select t.team_id from reporting.team_roles t where t.role_name = current_user) and r.deleted_at is null;

create view reporting.tags with (security_barrier) as
select g.run_id, k.name as key, g.value
  from run_tags g join keys k on k.team_id = g.team_id and k.key_id = g.key_id
  join runs r on r.team_id = g.team_id and r.run_id = g.run_id
 where g.team_id = (select t.team_id from reporting.team_roles t where t.role_name = current_user) and r.deleted_at is null;

create view reporting.metrics with (security_barrier) as
select m.run_id, k.name as key, m.value as last, m.step as last_step, reporting.moment(m.timestamp) as last_at, m.min, m.max,
       -- scaled_sum is the sum times 2^-64. What over- or underflows when that is taken back would be an error: it is infinite, or 0.
       case when m.count = m.nan_count then null
            when abs(m.scaled_sum) < 1e-300 then 0
            when abs(m.scaled_sum / (m.count - m.nan_count)) <= 9.745314011399999e288 then m.scaled_sum / (m.count - m.nan_count) * 18446744073709551616
            else m.scaled_sum * 'Infinity'::double precision end as mean,
       m.first_value as first, m.count
  from run_metrics m join keys k on k.team_id = m.team_id and k.key_id = m.key_id
  join runs r on r.team_id = m.team_id and r.run_id = m.run_id
 where m.team_id = (select t.team_id from reporting.team_roles t where t.role_name = current_user) and r.deleted_at is null;

create view reporting.versions with (security_barrier) as
select m.name as model, v.version, v.stage,
       (select string_agg(a.alias, ', ' order by a.alias) from model_aliases a
         where a.team_id = v.team_id and a.registered_model_id = v.registered_model_id and a.version = v.version) as aliases,
       v.status, v.description, v.source, case when v.run_id ~ '^[0-9a-f]{32}$' then v.run_id::uuid end as run_id, nullif(v.user_id, '') as user_name,
       reporting.moment(v.creation_time) as created_at, reporting.moment(v.last_update_time) as updated_at
  from model_versions v join registered_models m on m.team_id = v.team_id and m.registered_model_id = v.registered_model_id
 where v.team_id = (select t.team_id from reporting.team_roles t where t.role_name = current_user);

grant usage on schema reporting to public;
grant select on reporting.runs, reporting.params, reporting.tags, reporting.metrics, reporting.versions to public;

-- Anybody who may connect may LISTEN and NOTIFY, on any channel whose name they know. So that these roles neither hear which runs other teams
-- log nor tell the servers of any, the channel between servers has a name that only the tables' owner can read.
create table reporting.event_channel (name text not null);
insert into reporting.event_channel (name) values (replace(gen_random_uuid()::text, '-', ''));
