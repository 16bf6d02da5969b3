-- Which of these files the tables have, whoever applied them: Sluice itself, or the owner of the tables by psql. Each
-- file from this one on notes itself as its last statement.

create table applied_migration (
    version    integer primary key,
    file       text not null,
    applied_at timestamptz not null default now()
);

insert into applied_migration (version, file) values
    (1, 'V1__log_event.sql'), (2, 'V2__ingest_delivery.sql'), (3, 'V3__retention.sql'), (4, 'V4__applied_migration.sql');
