{{- define "sluice.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sluice.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sluice.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "sluice.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "sluice.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sluice.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sluice.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* A listener's values over those of `main` in values.yaml, so that a second listener needs a port alone. */}}
{{- define "sluice.listener" -}}
{{- $defaults := dict "protocol" "auto" "maxConnections" 10000 "maxFrame" "256KB" "maxConnectionsPerSource" 0 "proxyProtocol" false "tls" false "clientAuth" "none" -}}
{{- $service := dict "enabled" true "type" "ClusterIP" "annotations" dict -}}
{{- $listener := mergeOverwrite $defaults (deepCopy .) -}}
{{- $_ := set $listener "service" (mergeOverwrite $service (default dict $listener.service)) -}}
{{- toYaml $listener -}}
{{- end -}}

{{/* Bytes of 512Mi, 1Gi, 500M (Kubernetes) and of 64KB, 8MB, 1GB (Spring, powers of 1024). */}}
{{- define "sluice.bytes" -}}
{{- $text := toString . -}}
{{- $number := regexFind "^[0-9]+" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- $units := dict "" 1 "B" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "KB" 1024 "MB" 1048576 "GB" 1073741824 -}}
{{- if or (eq $number "") (not (hasKey $units $unit)) -}}
{{- fail (printf "\n\n%s is no size: write a whole number with a unit, such as 512Mi or 64MB." $text) -}}
{{- end -}}
{{- mul (int64 $number) (get $units $unit) -}}
{{- end -}}

{{/* Seconds of 15s, 2m, 1h. */}}
{{- define "sluice.seconds" -}}
{{- $number := regexFind "^[0-9]+" . -}}
{{- mul (int64 $number) (get (dict "s" 1 "m" 60 "h" 3600) (trimPrefix $number .)) -}}
{{- end -}}

{{/* What a stop may take: refused when it is longer than the given grace period. */}}
{{- define "sluice.gracePeriod" -}}
{{- $drain := int64 (include "sluice.seconds" .Values.pipeline.drainTimeout) -}}
{{- $phase := int64 (include "sluice.seconds" .Values.shutdown.timeout) -}}
{{- if le $phase $drain -}}
{{- fail (printf "\n\nshutdown.timeout is %s and pipeline.drainTimeout %s: after the drain, what was read must still be stored. Give shutdown.timeout more." .Values.shutdown.timeout .Values.pipeline.drainTimeout) -}}
{{- end -}}
{{- $needed := add .Values.shutdown.preStopSeconds $phase 5 -}}
{{- $given := .Values.shutdown.terminationGracePeriodSeconds -}}
{{- if not (kindIs "invalid" $given) -}}
{{- if lt (int64 $given) $needed -}}
{{- fail (printf "\n\nshutdown.terminationGracePeriodSeconds is %d, but a stop may take %d s: preStopSeconds %d, shutdown.timeout %d, 5 to end. A pod that is killed loses what it has read." (int64 $given) $needed (int64 .Values.shutdown.preStopSeconds) $phase) -}}
{{- end -}}
{{- $given -}}
{{- else -}}
{{- $needed -}}
{{- end -}}
{{- end -}}

{{/*
Heap and direct memory in MiB, as `heap,direct`. The sums are those of dev.sluice.MemoryCeiling, which the service
checks once more when it starts.
*/}}
{{- define "sluice.memory" -}}
{{- $mi := int64 1048576 -}}
{{- $processors := int64 .Values.jvm.processors -}}
{{- $loops := max 2 $processors -}}
{{- $workers := int64 .Values.pipeline.workers | default $processors -}}
{{- $connections := 0 -}}
{{- $headers := 0 -}}
{{- $lifeboat := 0 -}}
{{- $forward := false -}}
{{- $frameMax := 0 -}}
{{- $decrypted := 0 -}}
{{- range $name, $values := .Values.listeners -}}
{{- $listener := include "sluice.listener" $values | fromYaml -}}
{{- $frame := int64 (include "sluice.bytes" $listener.maxFrame) -}}
{{- $connections = add $connections (mul 1024 (int64 $listener.maxConnections)) -}}
{{- $record := 0 -}}
{{- if $listener.tls -}}
{{- $connections = add $connections (mul 32768 (int64 $listener.maxConnections)) -}}
{{- $record = 18437 -}}
{{- $decrypted = mul $loops 65536 -}}
{{- end -}}
{{- if $listener.proxyProtocol -}}{{- $headers = add $headers (mul 2048 (int64 $listener.maxConnections)) -}}{{- end -}}
{{- $longest := $frame -}}
{{- if has $listener.protocol (list "auto" "forward") -}}
{{- $forward = true -}}
{{- /* A chunk of 9 MiB, which grows by quarters while it comes. */ -}}
{{- $longest = max $longest (div (mul 45 $mi) 4) -}}
{{- end -}}
{{- $lifeboat = max $lifeboat (add $longest $record 65536) -}}
{{- $frameMax = max $frameMax $frame -}}
{{- end -}}
{{- $budget := int64 (include "sluice.bytes" .Values.pipeline.memory) -}}
{{- if $forward -}}
{{- /* A chunk, 28 MiB inflated, 10 MiB of zstd, an event: what of it the share of the rows does not hold. */ -}}
{{- $alone := add (mul 47 $mi) 262144 -}}
{{- $budget = add $budget (max 0 (sub $alone (sub $budget (div $budget 4)))) -}}
{{- end -}}
{{- $scratch := add (mul $loops 81920) $decrypted (mul $workers 8 (add $frameMax 65536)) (mul .Values.store.lanes 2097152) -}}
{{- $ceiling := add $budget $connections $lifeboat $scratch (mul 28 $mi) -}}
{{- $ceilingMi := div (add $ceiling $mi -1) $mi -}}
{{- $directMi := add (div (add (mul $loops 65536) $decrypted (mul .Values.store.lanes 2097152) $headers $mi -1) $mi) 32 -}}
{{- $overheadMi := div (int64 (include "sluice.bytes" .Values.jvm.overhead)) $mi -}}
{{- $limitMi := div (int64 (include "sluice.bytes" .Values.resources.limits.memory)) $mi -}}
{{- $heapMi := sub $limitMi (add $directMi $overheadMi) -}}
{{- if .Values.jvm.heap -}}
{{- $heapMi = div (int64 (include "sluice.bytes" .Values.jvm.heap)) $mi -}}
{{- end -}}
{{- $sums := printf "the configuration may take %d MiB of heap (pipeline.memory %d, connections %d, the rest for frames, workers and the application)" $ceilingMi (div $budget $mi) (div $connections $mi) -}}
{{- if lt $heapMi $ceilingMi -}}
{{- fail (printf "\n\nThe heap is %d MiB, but %s. resources.limits.memory is %d MiB, of which direct memory takes %d and jvm.overhead %d. Raise the limit, or lower pipeline.memory, maxConnections or maxFrame." $heapMi $sums $limitMi $directMi $overheadMi) -}}
{{- end -}}
{{- $sum := add $heapMi $directMi $overheadMi -}}
{{- if gt $sum $limitMi -}}
{{- fail (printf "\n\njvm.heap %d MiB, direct memory %d MiB and jvm.overhead %d MiB are %d MiB together, but resources.limits.memory is %d MiB." $heapMi $directMi $overheadMi $sum $limitMi) -}}
{{- end -}}
{{- printf "%d,%d" $heapMi $directMi -}}
{{- end -}}

{{- define "sluice.jvmOptions" -}}
{{- $memory := splitList "," (include "sluice.memory" .) -}}
{{- $sized := list (printf "-Xmx%sm" (first $memory)) (printf "-XX:MaxDirectMemorySize=%sm" (last $memory)) (printf "-XX:ActiveProcessorCount=%d" (int64 .Values.jvm.processors)) -}}
{{- join " " (concat $sized .Values.jvm.options) -}}
{{- end -}}

{{- define "sluice.tlsSecret" -}}
{{- if .Values.tls.certManager.enabled -}}
{{- printf "%s-tls" (include "sluice.fullname" .) -}}
{{- else -}}
{{- .Values.tls.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* What the schema cannot say. */}}
{{- define "sluice.validate" -}}
{{- $ports := dict -}}
{{- $tls := false -}}
{{- range $name, $values := .Values.listeners -}}
{{- $listener := include "sluice.listener" $values | fromYaml -}}
{{- $port := toString (int64 $listener.port) -}}
{{- if hasKey $ports $port -}}
{{- fail (printf "\n\nlisteners.%s and listeners.%s have the same port, %s." (get $ports $port) $name $port) -}}
{{- end -}}
{{- if eq $port "8080" -}}
{{- fail (printf "\n\nlisteners.%s.port is 8080, which is the HTTP port." $name) -}}
{{- end -}}
{{- $_ := set $ports $port $name -}}
{{- if $listener.tls -}}{{- $tls = true -}}{{- end -}}
{{- if and $listener.proxyProtocolFrom (not $listener.proxyProtocol) -}}
{{- fail (printf "\n\nlisteners.%s.proxyProtocolFrom is set without proxyProtocol: nobody is believed without it." $name) -}}
{{- end -}}
{{- if and (ne $listener.clientAuth "none") (not $listener.tls) -}}
{{- fail (printf "\n\nlisteners.%s.clientAuth is %s without tls." $name $listener.clientAuth) -}}
{{- end -}}
{{- if and (ne $listener.clientAuth "none") (not $.Values.tls.caKey) -}}
{{- fail (printf "\n\nlisteners.%s.clientAuth is %s, but tls.caKey does not name the shippers' CA." $name $listener.clientAuth) -}}
{{- end -}}
{{- end -}}
{{- if and $tls (not (include "sluice.tlsSecret" .)) -}}
{{- fail "\n\nA listener has tls: true, but there is neither tls.existingSecret nor tls.certManager." -}}
{{- end -}}
{{- if and .Values.tls.existingSecret .Values.tls.certManager.enabled -}}
{{- fail "\n\nBoth tls.existingSecret and tls.certManager are given: choose one." -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- fail "\n\nBoth autoscaling and keda are enabled: they would scale against each other." -}}
{{- end -}}
{{- if and (has .Values.database.sslMode (list "verify-ca" "verify-full")) (not .Values.database.caSecret) -}}
{{- fail (printf "\n\ndatabase.sslMode is %s, but database.caSecret does not name the CA." .Values.database.sslMode) -}}
{{- end -}}
{{- range $name, $route := .Values.tcpRoutes -}}
{{- if not (hasKey $.Values.listeners $name) -}}
{{- fail (printf "\n\ntcpRoutes.%s: there is no listener of that name." $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The database as environment variables: the secret never passes through Helm. */}}
{{- define "sluice.databaseEnv" -}}
{{- $database := .Values.database -}}
{{- $cnpg := eq $database.format "cloudnative-pg" -}}
{{- $options := printf "?sslMode=%s" $database.sslMode -}}
{{- if $database.caSecret -}}
{{- $options = printf "%s&sslRootCert=/etc/sluice-database-ca/%s" $options $database.caKey -}}
{{- end -}}
- name: SPRING_R2DBC_USERNAME
  valueFrom: { secretKeyRef: { name: {{ $database.existingSecret }}, key: {{ $database.usernameKey }} } }
- name: SPRING_R2DBC_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ $database.existingSecret }}, key: {{ $database.passwordKey }} } }
{{- if $cnpg }}
{{- range $variable, $key := dict "DATABASE_HOST" "host" "DATABASE_PORT" "port" "DATABASE_NAME" "dbname" }}
- name: {{ $variable }}
  valueFrom: { secretKeyRef: { name: {{ $database.existingSecret }}, key: {{ $key }} } }
{{- end }}
{{- else }}
- name: DATABASE_HOST
  value: {{ $database.host | quote }}
- name: DATABASE_PORT
  value: {{ $database.port | quote }}
- name: DATABASE_NAME
  value: {{ $database.name | quote }}
{{- end }}
- name: SPRING_R2DBC_URL
  value: {{ printf "r2dbc:postgresql://$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)%s" $options | quote }}
{{- end -}}
