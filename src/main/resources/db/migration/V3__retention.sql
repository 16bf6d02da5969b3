-- What is removed is agreed here, by the database's clock, and only what Sluice made itself is removed.

set local lock_timeout = '2s'; -- a migration that waits for longer is tried again, and stops no COPY meanwhile
set local timezone = 'UTC';
set local datestyle = 'ISO';

-- The tables that Sluice made for a day. A table that was restored from a dump has another number than the one that was
-- dumped, so its name proves nothing.
create table log_event_day (
    relid        oid not null,
    day          date not null,
    made_at      timestamptz not null,
    written_at   timestamptz not null,   -- when a pass last saw that rows had been added
    inserts      bigint,                 -- what it saw then; null until the first pass
    bytes        bigint,
    detaching_at timestamptz,            -- Sluice detaches it, in order to remove it
    removed_at   timestamptz
);

create unique index log_event_day_relid on log_event_day (relid) where removed_at is null;

-- For how long each replica wants things kept. The longest claim of the last day counts.
create table retention_claim (
    replica            uuid primary key,
    claimed_at         timestamptz not null,
    event_seconds      bigint not null,
    batch_seconds      bigint not null,
    delivery_seconds   bigint not null
);

-- One row. Passes that follow each other closely are the proof that the database's clock did not jump.
create table retention_pass (
    log_event       oid primary key,     -- another number than that of the table: everything was restored from a dump
    passed_at       timestamptz not null,
    steady_since    timestamptz not null,
    dead_letters_at timestamptz
);

-- The days that exist were made by Sluice when they look exactly so: until now that was all that told them.
insert into log_event_day (relid, day, made_at, written_at)
select c.oid, b.begins, b.begins, b.ends
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
cross join lateral (
    select (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\)'))[1]::timestamptz as begins,
           (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz as ends) b
where i.inhparent = 'log_event'::regclass
  and c.relkind = 'r'
  and c.relname = 'log_event_' || to_char(b.begins, 'YYYYMMDD')
  and b.begins = date_trunc('day', b.begins)
  and b.ends = b.begins + interval '1 day';

-- Where days are adopted, the clock has to prove itself first; a new database has nothing to lose.
insert into retention_pass (log_event, passed_at, steady_since)
select 'log_event'::regclass, now(),
       case when exists (select from log_event_day) then now() else now() - interval '1 day' end;

-- When Sluice stored it, by the database's clock: received_at is the clock of a machine, which may have been wrong.
alter table dead_letter add column stored_at timestamptz;
alter table dead_letter alter column stored_at set default now();
