-- Which of these files the tables have, applied by Sluice itself or by the owner of the tables with psql. Each file from
-- this one on notes itself as its last statement; those before are told by their tables.

create table applied_migration (
    version    integer primary key,
    file       text not null,
    applied_at timestamptz not null default now()
);

insert into applied_migration (version, file) values (4, 'V4__applied_migration.sql');
