-- Finding runs by their name, or by how it begins.
create index runs_name_idx on runs (team_id, experiment_id, name collate "C");
