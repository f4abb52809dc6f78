-- Seals of the audit log: each entry's is made over the entry and the seal before it of the same team, with a key that the database doesn't hold.
-- Servers make them a moment after the entries; what waits for its seal stands in audit_unsealed.

create table audit_seals (
  entry_id  bigint primary key,
  team_id   integer,
  number    bigint not null,
  key_id    bytea not null,
  seal      bytea not null,
  sealed_at timestamptz not null default now()
);
comment on column audit_seals.team_id is 'null = the server''s own entries';
comment on column audit_seals.number is 'the place in the chain of the team, from 1';
comment on column audit_seals.key_id is 'which of the server''s secrets made it';
create unique index audit_seals_chain_idx on audit_seals (coalesce(team_id, 0), number);
create trigger audit_seals_append_only before update or delete or truncate on audit_seals for each statement execute function refuse_audit_change();
revoke update, delete, truncate on audit_seals from public, current_user;

create table audit_unsealed (
  entry_id  bigint primary key,
  team_id   integer
);
create function note_unsealed_audit() returns trigger language plpgsql as $$
begin
  insert into audit_unsealed (entry_id, team_id) values (new.entry_id, new.team_id);
  return null;
end $$;
create trigger audit_log_unsealed after insert on audit_log for each row execute function note_unsealed_audit();

insert into audit_unsealed (entry_id, team_id) select entry_id, team_id from audit_log;
