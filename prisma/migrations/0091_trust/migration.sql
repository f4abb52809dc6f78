-- What ends what: a token made with a token ends with it. Guessing is slowed in rows that all servers share. Refusals are counted, not written each.

alter table api_tokens add column parent_id uuid;
comment on column api_tokens.parent_id is 'the token that it was made with; null = a session. No foreign key: tokens are never deleted alone';
create index api_tokens_parent_idx on api_tokens (parent_id);

-- An older server takes a reset link as a sign-in link, which is as much.
alter table sign_in_links add column kind text not null default 'SIGN_IN' check (kind in ('SIGN_IN', 'RESET'));

alter table users add column removed_at timestamptz;
comment on column users.removed_at is 'nobody can sign in as them again; the row stays, since runs and versions name it';

create table sign_in_brakes (
  key         bytea primary key,
  failures    integer not null,
  free_at     timestamptz not null,
  expires_at  timestamptz not null
);
comment on column sign_in_brakes.key is 'SHA-256 of what is slowed: an account at an address, an address, an account; or of an address at which an account has signed in';
comment on column sign_in_brakes.free_at is 'before it, nobody is let try';
create index sign_in_brakes_expiry_idx on sign_in_brakes (expires_at);

create table audit_repeats (
  key        bytea primary key,
  team_id    integer,
  hour       timestamptz not null,
  repeats    integer not null default 0,
  entry      jsonb not null
);
comment on column audit_repeats.entry is 'the first refusal of its kind in the hour; how many more there were goes into the audit log when the hour is over';
comment on column audit_repeats.key is 'SHA-256 of who was refused what';
create index audit_repeats_hour_idx on audit_repeats (hour);
