-- Finding runs by the value of a param or a tag. Equal values take next to no space in the index; long ones only their start.
create index run_params_value_idx on run_params (team_id, key_id, left(value, 64));
create index run_tags_value_idx on run_tags (team_id, key_id, left(value, 64));
