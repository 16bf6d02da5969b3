-- Days that are too old may be moved in place of dropped. While any replica wants that, none drops them.

set local lock_timeout = '2s';

alter table retention_claim add column archive_schema text; -- null: they are dropped

insert into applied_migration (version, file) values (5, 'V5__archive.sql');
