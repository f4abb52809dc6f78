-- With the experiment: a value in one experiment is found without reading those of the team's others; in all of them as before.
drop index run_params_value_idx;
create index run_params_value_idx on run_params (team_id, key_id, left(value, 64), experiment_id);
drop index run_tags_value_idx;
create index run_tags_value_idx on run_tags (team_id, key_id, left(value, 64), experiment_id);
