-- Stops a statement with a condition that the server knows by name (src/postgres/errors.ts), where nothing of it may be written.
create function raise_condition(condition text) returns boolean language plpgsql as $$
begin
  raise exception using errcode = 'RL001', message = condition;
end $$;
