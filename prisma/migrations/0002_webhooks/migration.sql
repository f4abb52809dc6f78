-- Webhooks: who wants to be told of which events, and the outbox from which deliveries are made.

create table webhooks (
  team_id           integer not null references teams on delete cascade,
  webhook_id        uuid not null,
  name              text not null,
  description       text,
  url               text not null,
  secret            bytea,
  status            text not null default 'ACTIVE' check (status in ('ACTIVE', 'DISABLED')),
  events            text[] not null,
  created_by        integer references users on delete set null,
  creation_time     bigint not null,
  last_update_time  bigint not null,
  primary key (team_id, webhook_id)
);
comment on column webhooks.secret is 'AES-256-GCM: 12 bytes nonce, 16 bytes tag, the rest text; the key is derived from the server''s secret';
comment on column webhooks.events is 'ENTITY.ACTION, e.g. MODEL_VERSION.CREATED';
create index webhooks_recent_idx on webhooks (team_id, creation_time desc, webhook_id);

-- Inserted in the transaction of the change that it tells of. Claimed across teams with `for update skip locked`, so on Citus it stays
-- a local table of the coordinator.
create table webhook_deliveries (
  team_id          integer not null,
  delivery_id      uuid not null default gen_random_uuid(),
  webhook_id       uuid not null,
  event            text not null,
  data             text not null,
  state            text not null default 'PENDING' check (state in ('PENDING', 'DELIVERED', 'FAILED')),
  attempts         integer not null default 0,
  next_attempt_at  timestamptz not null default now(),
  response_status  integer,
  error            text,
  created_at       timestamptz not null default now(),
  finished_at      timestamptz,
  primary key (team_id, delivery_id),
  foreign key (team_id, webhook_id) references webhooks on delete cascade
);
comment on column webhook_deliveries.data is 'the payload as JSON text';
comment on column webhook_deliveries.next_attempt_at is 'while one server process is sending it, the time at which another may take over';
create index webhook_deliveries_due_idx on webhook_deliveries (next_attempt_at) where state = 'PENDING';
create index webhook_deliveries_finished_idx on webhook_deliveries (finished_at) where state <> 'PENDING';
create index webhook_deliveries_webhook_idx on webhook_deliveries (team_id, webhook_id);
