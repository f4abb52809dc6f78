-- Service accounts, invitations, the audit log, and the journals that live subscriptions read.

-- A program's account is a user of one team that can't sign in: runs, tokens and models name it like any other user.
alter table users
  add column kind text not null default 'USER' check (kind in ('USER', 'SERVICE_ACCOUNT')),
  add column team_id integer references teams on delete cascade,
  add constraint users_team_check check ((kind = 'SERVICE_ACCOUNT') = (team_id is not null)),
  add constraint users_service_check check (kind = 'USER' or (password_hash is null and not is_admin));
comment on column users.team_id is 'of service accounts: the only team they are in';
create index users_team_idx on users (team_id) where team_id is not null;

create table invitations (
  team_id        integer not null references teams on delete cascade,
  invitation_id  uuid not null,
  token_hash     bytea not null unique,
  email          text not null,
  role           text not null check (role in ('VIEWER', 'CONTRIBUTOR', 'MAINTAINER', 'ADMIN')),
  invited_by     integer references users on delete set null,
  created_at     timestamptz not null,
  expires_at     timestamptz not null,
  accepted_at    timestamptz,
  accepted_by    integer references users on delete set null,
  revoked_at     timestamptz,
  primary key (team_id, invitation_id)
);

-- Who did what, when, from where. No foreign keys: an entry outlives what it tells of.
create table audit_log (
  entry_id    bigint generated always as identity primary key,
  team_id     integer,
  at          timestamptz not null,
  actor_id    integer,
  actor       text not null,
  token_id    uuid,
  address     text,
  user_agent  text,
  request_id  text not null,
  action      text not null,
  target      text not null,
  before      jsonb,
  after       jsonb
);
comment on column audit_log.team_id is 'null = of the server: its users and teams, and tokens for every team of their owner';
create index audit_log_team_idx on audit_log (team_id, entry_id desc);

-- Append-only. The trigger also holds for the table's owner and for superusers, whom no revoke binds.
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'The audit log is append-only.' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_log_append_only before update or delete or truncate on audit_log for each statement execute function refuse_audit_change();
revoke update, delete, truncate on audit_log from public, current_user;

-- What changed of each run, by the transaction that did it: a subscriber who knows a snapshot finds what is newer. One narrow row a run.
-- created, finished and lifecycle are written with the change (triggers below); changed also after a run logged something, for many writes at once.
create table run_changes (
  team_id         integer not null,
  run_id          uuid not null,
  created_txid    xid8 not null default '0',
  changed_txid    xid8 not null,
  finished_txid   xid8,
  lifecycle_txid  xid8,
  era             bigint not null,
  primary key (team_id, run_id),
  foreign key (team_id, run_id) references runs on delete cascade
) with (fillfactor = 70);
comment on column run_changes.era is 'changed_txid / 65536: the index that finds new rows is touched once an era, so that updates stay off the indexes';
create index run_changes_era_idx on run_changes (team_id, era);

create function note_run_change() returns trigger language plpgsql as $$
declare
  txid xid8 := pg_current_xact_id();
  ended boolean := new.status in ('FINISHED', 'FAILED', 'KILLED') and (tg_op = 'INSERT' or old.status <> new.status);
  moved boolean := tg_op = 'UPDATE' and (old.deleted_at is null) <> (new.deleted_at is null);
begin
  insert into run_changes as c (team_id, run_id, created_txid, changed_txid, finished_txid, lifecycle_txid, era)
  values (new.team_id, new.run_id, case when tg_op = 'INSERT' then txid else '0' end, txid,
          case when ended then txid end, case when moved then txid end, txid::text::bigint >> 16)
  on conflict (team_id, run_id) do update set
    changed_txid = excluded.changed_txid, era = excluded.era,
    finished_txid = coalesce(excluded.finished_txid, c.finished_txid), lifecycle_txid = coalesce(excluded.lifecycle_txid, c.lifecycle_txid);
  return null;
end $$;
create trigger runs_note_insert after insert on runs for each row execute function note_run_change();
create trigger runs_note_update after update on runs for each row
  when ((old.name, old.status, old.start_time, old.end_time, old.deleted_at) is distinct from (new.name, new.status, new.start_time, new.end_time, new.deleted_at))
  execute function note_run_change();

-- Every change of the model registry, written with it.
create table model_changes (
  team_id    integer not null references teams on delete cascade,
  change_id  bigint generated always as identity,
  txid       xid8 not null default pg_current_xact_id(),
  at         timestamptz not null default now(),
  event      text not null,
  name       text not null,
  version    integer,
  detail     jsonb not null,
  actor_id   integer references users on delete set null,
  primary key (team_id, change_id)
);
create index model_changes_txid_idx on model_changes (team_id, txid);
