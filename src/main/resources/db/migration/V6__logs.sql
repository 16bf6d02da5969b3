-- For those who read logs: names in place of numbers, a search, errors by time (docs/queries.md). All of it runs with the
-- rights of who asks. The bodies of the functions are parsed here, so they find their tables whatever a search path says.
-- Nothing here is needed to store events: where something has one of the names already, nothing is made. Applied once more
-- by psql after `drop view logs cascade`, this file makes it again.

set local lock_timeout = '2s';

do $logs$ begin
if to_regclass(format('%I.logs', current_schema())) is not null
   or exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
              where n.nspname = current_schema() and p.proname in ('logs_search', 'error_rate'))
   or (to_regtype(format('%I.log_severity', current_schema())) is not null
       and (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum
            where enumtypid = to_regtype(format('%I.log_severity', current_schema())))
           is distinct from 'emergency,alert,critical,error,warning,notice,info,debug') then
  raise warning 'In the schema % something is called logs, logs_search, error_rate or log_severity already, so the view '
      'logs and its functions are not made', current_schema();
  return;
end if;

-- An enum, because text would compare by the alphabet: severity <= 'error' is what it says, and a misspelt name an error.
if to_regtype(format('%I.log_severity', current_schema())) is null then
  create type log_severity as enum ('emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug');
end if;

create view logs with (security_invoker = true) as
select event_at, received_at,
       ('{emergency,alert,critical,error,warning,notice,info,debug}'::log_severity[])[severity + 1] as severity,
       host, app, message, attributes,
       ('{kern,user,mail,daemon,auth,syslog,lpr,news,uucp,cron,authpriv,ftp,ntp,audit,alert,clock,'
        'local0,local1,local2,local3,local4,local5,local6,local7}'::text[])[facility + 1] as facility,
       proc_id, msg_id, source, listener, severity as severity_number, facility as facility_number
from log_event;

-- A condition whose argument is null is gone from the plan, and the days before `since` with it: PostgreSQL puts the body
-- into the query that calls it. That ends with STRICT, SET or SECURITY DEFINER. They are texts here, because PL/pgSQL of
-- older minor versions ends a statement at the first semicolon.
execute $body$
create function logs_search(
    since timestamptz default now() - interval '1 hour', text text default null, app text default null,
    host text default null, severity log_severity default null, max_rows bigint default 100,
    until timestamptz default 'infinity')
returns setof logs language sql stable parallel safe
begin atomic
  select l.* from logs l
  where l.received_at >= logs_search.since and l.received_at < logs_search.until
    and (logs_search.text is null
         or l.message ilike '%' || regexp_replace(logs_search.text, '([%_\\])', '\\\1', 'g') || '%')
    and (logs_search.app is null or l.app = logs_search.app)
    and (logs_search.host is null or l.host = logs_search.host)
    and (logs_search.severity is null
         or l.severity_number <= array_position('{emergency,alert,critical,error,warning,notice,info,debug}'::log_severity[],
                                                logs_search.severity) - 1)
  order by l.received_at desc
  limit logs_search.max_rows;
end;
$body$;

execute $body$
create function error_rate(
    since timestamptz default now() - interval '1 hour', every interval default '1 minute',
    severity log_severity default 'error', until timestamptz default 'infinity')
returns table (bucket timestamptz, app text, errors bigint) language sql stable parallel safe
begin atomic
  select date_bin(error_rate.every, l.received_at, timestamptz '2000-01-01 00:00:00+00'), l.app, count(*)
  from logs l
  where l.received_at >= error_rate.since and l.received_at < error_rate.until
    and l.severity_number <= array_position('{emergency,alert,critical,error,warning,notice,info,debug}'::log_severity[],
                                            error_rate.severity) - 1
  group by 1, 2
  order by 1, 2;
end;
$body$;

comment on view logs is 'log_event with the names of severities and facilities';
comment on function logs_search is 'newest first: events that contain a text, of an app, of a host, as severe or more so';
comment on function error_rate is 'how many events as severe or more so, by app and time';
end $logs$;

insert into applied_migration (version, file) values (6, 'V6__logs.sql') on conflict do nothing;
