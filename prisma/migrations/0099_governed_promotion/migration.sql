-- Protected aliases and stages: who may move them, by whose approval and under which conditions; and the requests to move them.

create table protections (
  team_id        integer not null references teams on delete cascade,
  protection_id  uuid not null,
  models         text not null,
  kind           text not null check (kind in ('alias', 'stage')),
  target         text not null,
  approvals      integer not null check (approvals between 0 and 10),
  approver_role  text not null check (approver_role in ('MAINTAINER', 'ADMIN')),
  direct_role    text check (direct_role in ('MAINTAINER', 'ADMIN')),
  conditions     text[] not null default '{}',
  free_rollback  boolean not null default false,
  ask_by_move    boolean not null default false,
  created_by     integer references users on delete set null,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  primary key (team_id, protection_id),
  unique (team_id, models, kind, target)
);
comment on column protections.models is 'a registered model''s name, * standing for any text';
comment on column protections.direct_role is 'from this role on, no approvals are asked for; null = from everybody';

create table promotion_requests (
  team_id              integer not null,
  request_id           uuid not null,
  registered_model_id  integer not null,
  kind                 text not null check (kind in ('alias', 'stage')),
  target               text not null,
  version              integer,
  holder               integer,
  comment              text,
  state                text not null default 'OPEN' check (state in ('OPEN', 'APPLIED', 'REJECTED', 'WITHDRAWN')),
  outcome              jsonb,
  requested_by         integer references users on delete set null,
  requested_at         timestamptz not null default now(),
  closed_by            integer references users on delete set null,
  closed_at            timestamptz,
  primary key (team_id, request_id),
  foreign key (team_id, registered_model_id) references registered_models on delete cascade
);
comment on column promotion_requests.version is 'null = to remove the alias';
comment on column promotion_requests.holder is 'where the alias or stage was when it was asked for; null = nowhere';
comment on column promotion_requests.outcome is 'the conditions, and what was compared, when it was applied';
create unique index promotion_requests_open_idx on promotion_requests (team_id, registered_model_id, kind, target, coalesce(version, 0)) where state = 'OPEN';
create index promotion_requests_model_idx on promotion_requests (team_id, registered_model_id, request_id desc);
create index promotion_requests_state_idx on promotion_requests (team_id, state, request_id desc);

create table promotion_votes (
  team_id     integer not null,
  request_id  uuid not null,
  user_id     integer not null references users on delete cascade,
  approves    boolean not null,
  comment     text,
  voted_at    timestamptz not null default now(),
  primary key (team_id, request_id, user_id),
  foreign key (team_id, request_id) references promotion_requests on delete cascade
);

-- By whose approval, and what was compared then.
alter table model_alias_changes add column request_id uuid, add column outcome jsonb;
alter table model_stage_changes add column request_id uuid, add column outcome jsonb;
