#!/bin/bash
# Runs once in the image's build, in a stage that has the service's files and JVM beside a PostgreSQL: what a start and
# the first events load and link goes into the JVM's AOT cache. Usage: train-aot-cache.sh OUTPUT JAVA-OPTION...
set -eu
output=$1
shift
export PATH="$PATH:/usr/lib/postgresql/18/bin"
data=$(mktemp -d)
initdb --pgdata="$data" --username=sluice --auth=scram-sha-256 --pwfile=<(echo sluice) > /dev/null
pg_ctl --pgdata="$data" --wait --log="$data/log" --options="-c listen_addresses=127.0.0.1 -k $data" start > /dev/null
trap 'pg_ctl --pgdata="$data" --mode=immediate stop > /dev/null' EXIT

# By name, as on a cluster: the resolver goes into the cache, too.
export SPRING_R2DBC_URL=r2dbc:postgresql://localhost/postgres SPRING_R2DBC_USERNAME=sluice SPRING_R2DBC_PASSWORD=sluice
# What C2 compiled here it would compile at once in every start, on the cores that the start needs (2 of its 5 s of CPU).
# Level 2 keeps what is to be compiled early, without a profile; after that the service warms up as without a cache.
java -XX:AOTCacheOutput="$output" -XX:TieredStopAtLevel=2 "$@" &
service=$!
until java -cp /app/sluice.jar dev.sluice.admin.ReadinessProbe 2> /dev/null; do
  kill -0 $service # it ended: so does this
  sleep 0.2
done
for number in {1..200}; do
  echo "<14>1 2026-01-01T00:00:00Z host app $number - [meta@1 key=\"value\"] message $number"
done > /dev/tcp/127.0.0.1/5140
sleep 1
kill -TERM $service
wait $service
