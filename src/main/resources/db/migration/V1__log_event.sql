-- The tables of Sluice, in the schema that the connection's search path names first.
-- COPY sends rows in binary: the order and the types of the columns are part of the writer.

create table log_event (
    received_at timestamptz not null,   -- when Sluice read it
    event_at    timestamptz not null,   -- the shipper's own time, else received_at
    severity    smallint,               -- syslog 0..7, null if unknown
    facility    smallint,               -- syslog 0..23, null if unknown
    host        text,
    app         text,
    proc_id     text,
    msg_id      text,
    message     text not null,
    attributes  jsonb,                  -- structured data and every other field of the event
    source      text not null,          -- who the shipper is: its TLS client subject, else its address
    listener    text not null
) partition by range (received_at);

-- A day each, made ahead of time by the service. There is no default partition on purpose: attaching a day would have
-- to scan it, under a lock that stops COPY.

-- One BRIN index serves both times; it costs COPY next to nothing, where a B-tree takes up to half of its rate.
create index log_event_times on log_event using brin (received_at, event_at) with (autosummarize = on);

create table dead_letter (
    received_at timestamptz not null,
    source      text,
    listener    text,
    protocol    text,
    reason      text,
    detail      text,
    payload     bytea                   -- the bytes as they came
);

create index dead_letter_received_at on dead_letter (received_at);

-- The ledger: a batch is in it exactly when its rows are committed. One row a batch, so a B-tree is cheap here.
create table ingest_batch (
    batch_id     uuid primary key,
    committed_at timestamptz not null,
    events       integer not null
);

create index ingest_batch_committed_at on ingest_batch (committed_at);
