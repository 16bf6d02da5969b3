-- A dead letter has a name, and what it takes to decode it again: docs/dead-letters.md.

set local lock_timeout = '2s';

alter table dead_letter
    add column id       uuid,           -- null: stored before this
    add column frame    uuid,           -- the payload is a piece of this frame; null: it is whole
    add column piece    integer,        -- which one, from 1
    add column pieces   integer,        -- how many there are; on the last one alone, so that none without it is whole
    add column format   text,           -- frame or event: what the payload is, where a replay gave it another reason
    add column tried_at timestamptz;    -- when a replay last could not store it

-- With the column itself every row that there is would be written anew.
alter table dead_letter alter column id set default gen_random_uuid();

create index dead_letter_frame on dead_letter (frame) where frame is not null;

insert into applied_migration (version, file) values (7, 'V7__replay.sql');
