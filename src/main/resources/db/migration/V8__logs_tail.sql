-- The newest rows without a bound in time: `order by received_at desc limit n` reads and sorts all days. This goes from day
-- to day backwards, and asks in each for what is surely among the newest: rows are stored about in the order of their times,
-- so the last pages of a day have as many rows as are wanted, and nothing before the oldest of those can be of the newest.
-- How they are stored decides how much is read, and never what is found.

set local lock_timeout = '2s';

do $logs$ begin
if to_regtype(format('%I.log_severity', current_schema())) is null
   or (select relkind from pg_class where oid = to_regclass(format('%I.logs', current_schema()))) is distinct from 'v'
   or exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
              where n.nspname = current_schema() and p.proname = 'logs_tail') then
  raise warning 'In the schema % something is called logs or logs_tail already, so the function logs_tail is not made',
      current_schema();
  return;
end if;

-- It runs with the rights of who asks. The names are put in here, so they are found whatever a search path says.
execute format($body$
create function logs_tail(max_rows bigint default 100) returns setof logs language plpgsql stable as $tail$
declare
  day record;
  missing bigint := logs_tail.max_rows;
  found bigint;
  pages bigint;
  since timestamptz;
begin
  if logs_tail.max_rows is null
     or exists (select from pg_class c where c.oid = '%1$I.log_event'::regclass and c.relkind <> 'p')
     or exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = '%1$I.log_event'::regclass
                  and (c.relkind <> 'r' or pg_get_expr(c.relpartbound, 0) !~ '^FOR VALUES FROM \(''[^'',]+''\) TO \(''[^'',]+''\)$'))
  then -- somebody else's partitions
    return query select * from %1$I.logs l order by l.received_at desc limit logs_tail.max_rows;
    return;
  end if;
  for day in
    select b.begins, b.ends, pg_relation_size(c.oid) / current_setting('block_size')::bigint as pages
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    cross join lateral (
        select (regexp_match(pg_get_expr(c.relpartbound, 0), 'FROM \(''([^'']+)''\)'))[1]::timestamptz as begins,
               (regexp_match(pg_get_expr(c.relpartbound, 0), 'TO \(''([^'']+)''\)'))[1]::timestamptz as ends) b
    where i.inhparent = '%1$I.log_event'::regclass and not i.inhdetachpending and pg_relation_size(c.oid) > 0
    order by b.begins desc
  loop
    exit when missing <= 0;
    pages := 32;
    loop
      since := null;
      if pages < day.pages then
        execute format('select received_at from %1$I.log_event where received_at >= %%L and received_at < %%L and ctid >= %%L'
                       ' order by received_at desc offset %%s limit 1',
                       day.begins, day.ends, format('(%%s,0)', day.pages - pages), missing - 1) into since;
      end if;
      exit when since is not null or pages >= day.pages;
      pages := pages * 8;
    end loop;
    return query execute format('select * from %1$I.logs where received_at >= %%L and received_at < %%L'
                                ' order by received_at desc limit %%s',
                                coalesce(since, day.begins), day.ends, missing);
    get diagnostics found = row_count;
    missing := missing - found;
  end loop;
end $tail$$body$, current_schema());

comment on function logs_tail is 'the newest events, however old they are';
end $logs$;

insert into applied_migration (version, file) values (8, 'V8__logs_tail.sql') on conflict do nothing;
