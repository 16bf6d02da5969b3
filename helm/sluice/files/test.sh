# Sends numbered events through the Service, then looks for each of them in the table.
export PGHOST="$DATABASE_HOST" PGPORT="$DATABASE_PORT" PGDATABASE="$DATABASE_NAME"
export PGUSER="$SPRING_R2DBC_USERNAME" PGPASSWORD="$SPRING_R2DBC_PASSWORD" PGCONNECT_TIMEOUT=5 PGTARGETSESSIONATTRS=read-write
run="helm-test-$(date +%s)-$RANDOM"
exec 3<>"/dev/tcp/$SHIPPER_HOST/$SHIPPER_PORT"
for number in $(seq "$EVENTS"); do
  printf '<14>1 - helm-test %s - - - event %d\n' "$run" "$number" >&3
done
exec 3>&-
found=0
for _ in $(seq 30); do
  found="$(psql -XAtc "select count(distinct message) from log_event
    where received_at > now() - interval '1 hour' and app = '$run' and message ~ '^event [0-9]+\$'")"
  if [ "$found" = "$EVENTS" ]; then
    echo "All $EVENTS events are stored."
    exit 0
  fi
  sleep 1
done
echo "Sent $EVENTS events, found $found rows."
exit 1
