-- A team that a server administrator removes with its data: nobody is in it any more, and what it kept is deleted for good in the background.
alter table teams add column removed_at timestamptz;
comment on column teams.removed_at is 'its members and tokens are gone already, and its slug is free; the row goes with the last of its data';
