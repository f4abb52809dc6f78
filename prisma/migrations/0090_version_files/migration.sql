-- What registered versions are made of: their files can't change. Written by a trigger, so that a server of the release before holds them too.
create table version_files (
  team_id              integer not null,
  registered_model_id  integer not null,
  version              integer not null,
  path                 text collate "C" not null,
  primary key (team_id, path, registered_model_id, version),
  foreign key (team_id, registered_model_id, version) references model_versions on delete cascade
);
comment on column version_files.path is 'file or folder below the team''s root, as it is written and as it is percent-decoded';
create index version_files_version_idx on version_files (team_id, registered_model_id, version);

create function percent_decoded(given text) returns text language plpgsql immutable as $$
begin
  return convert_from((
    select string_agg(case when m.part[1] ~ '^%[0-9A-Fa-f]{2}$' then decode(substr(m.part[1], 2), 'hex') else convert_to(m.part[1], 'UTF8') end, ''::bytea order by m.place)
    from regexp_matches(given, '%[0-9A-Fa-f]{2}|%|[^%]+', 'g') with ordinality as m (part, place)), 'UTF8');
exception when others then
  -- Not UTF-8, or NUL: no file has such a name.
  return given;
end $$;

-- The paths that an address of files on this server may mean. Whole experiments are left out: a version of one would stop its runs.
create function held_paths(uri text) returns setof text language sql immutable as $$
  with raw as (
    select coalesce(substring(uri from '(?i)^mlflow-artifacts:(?://[^/]*)?/*(.*)$'),
                    substring(uri from '(?i)^https?://.*/(?:ajax-)?api/2\.0/mlflow-artifacts/artifacts/+(.*)$')) as path
  ), bare as (
    select path from raw union select regexp_replace(path, '[?#].*$', '') from raw
  ), decoded as (
    select path from bare union select percent_decoded(path) from bare union select percent_decoded(percent_decoded(path)) from bare
  ), clean as (
    select btrim(regexp_replace(path, '/+', '/', 'g'), '/') as path from decoded where path is not null
  )
  select distinct path from clean where path <> '' and path !~ '^[0-9]+(/models)?$'
$$;

create function hold_version_files() returns trigger language plpgsql as $$
begin
  insert into version_files (team_id, registered_model_id, version, path)
  select new.team_id, new.registered_model_id, new.version, h.path
    from (select new.storage_location as uri
           union
          select m.artifact_uri from logged_models m where m.team_id = new.team_id and m.model_id = new.model_id) u
   cross join lateral held_paths(u.uri) as h (path)
  on conflict do nothing;
  return null;
end $$;
create trigger model_versions_hold_files after insert on model_versions for each row execute function hold_version_files();

insert into version_files (team_id, registered_model_id, version, path)
select v.team_id, v.registered_model_id, v.version, h.path
  from model_versions v
  left join logged_models m on m.team_id = v.team_id and m.model_id = v.model_id
 cross join lateral (select v.storage_location as uri union select m.artifact_uri) u
 cross join lateral held_paths(u.uri) as h (path)
on conflict do nothing;
