#!/bin/bash
# Runs once in the image's build, in a stage that has the service's files and JVM beside a PostgreSQL: what a start and
# the first events load and link goes into the JVM's AOT cache. An image for another platform than that of the machine
# has none: its JVM does not run here. Usage: train-aot-cache.sh FOLDER, for the cache and the option that names it.
set -eu
output=$1
mkdir -p "$output"
cp /app/java.options "$output/"
if [ "$BUILDPLATFORM" != "$TARGETPLATFORM" ]; then
  echo "No AOT cache for $TARGETPLATFORM on $BUILDPLATFORM"
  exit
fi
export PATH="$PATH:/usr/lib/postgresql/18/bin"
data=$(mktemp -d)
initdb --pgdata="$data" --username=sluice --auth=scram-sha-256 --pwfile=<(echo sluice) > /dev/null
pg_ctl --pgdata="$data" --wait --log="$data/log" --options="-c listen_addresses=127.0.0.1 -k $data" start > /dev/null
trap 'pg_ctl --pgdata="$data" --mode=immediate stop > /dev/null' EXIT

# By name, as on a cluster: the resolver goes into the cache, too.
export SPRING_R2DBC_URL=r2dbc:postgresql://localhost/postgres SPRING_R2DBC_USERNAME=sluice SPRING_R2DBC_PASSWORD=sluice
# What C2 compiled here it would compile at once in every start, on the cores that the start needs (2 of its 5 s of CPU).
# Level 2 keeps what is to be compiled early, without a profile; after that the service warms up as without a cache.
/opt/java/openjdk/bin/java -XX:AOTCacheOutput="$output/sluice.aot" @/app/java.options -XX:TieredStopAtLevel=2 -jar /app/sluice.jar &
service=$!
until /app/ready; do
  kill -0 $service # it ended: so does this
  sleep 0.2
done
for number in {1..200}; do
  echo "<14>1 2026-01-01T00:00:00Z host app $number - [meta@1 key=\"value\"] message $number"
done > /dev/tcp/127.0.0.1/5140
sleep 1
kill -TERM $service
wait $service
echo -XX:AOTCache=/app/sluice.aot >> "$output/java.options"
