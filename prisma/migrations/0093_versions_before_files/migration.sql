-- Clients may register a version first and upload its files then.
alter table version_files add column takes_files boolean not null default false;
comment on column version_files.takes_files is 'the version was made before its files were there: new ones may come until it has a stage or an alias';
