-- The account of Grafana's data source: it reads, and a query of it ends. Run when the database is made, before Sluice makes
-- its tables; where the database was made before this file was there, run it by hand:
--   docker compose exec -T postgres psql -U sluice < deploy/grafana/reader.sql
create role reader login password 'reader';
alter role reader set default_transaction_read_only = on;
alter role reader set statement_timeout = '30s';
alter default privileges in schema public grant select on tables to reader;
grant select on all tables in schema public to reader;
