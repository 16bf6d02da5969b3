-- The ledger of deliveries that shippers may send again: one is in it exactly when its rows are committed.
-- The id is a hash of the source and of what the shipper calls the delivery, so the keys are short whatever it says.
create table ingest_delivery (
    delivery_id  uuid primary key,
    committed_at timestamptz not null
);

create index ingest_delivery_committed_at on ingest_delivery (committed_at);
