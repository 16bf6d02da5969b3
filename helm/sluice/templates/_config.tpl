{{/*
application.yml. Its hash in the pod's annotations replaces the pods when it changes, and only then. The rules stand in a
file of their own, which the service looks at again.
*/}}
{{- define "sluice.config" -}}
{{- $listeners := dict -}}
{{- $tls := false -}}
{{- range $name, $values := .Values.listeners -}}
{{- $listener := include "sluice.listener" $values | fromYaml -}}
{{- $entry := dict "port" (int64 $listener.port) "protocol" $listener.protocol "max-frame" $listener.maxFrame -}}
{{- if $listener.maxConnections -}}{{- $_ := set $entry "max-connections" (int64 $listener.maxConnections) -}}{{- end -}}
{{- if $listener.maxConnectionsPerSource -}}{{- $_ := set $entry "max-connections-per-source" (int64 $listener.maxConnectionsPerSource) -}}{{- end -}}
{{- if $listener.joinLines -}}{{- $_ := set $entry "join-lines" (int64 $listener.joinLines) -}}{{- end -}}
{{- range $value, $property := dict "allow" "allow" "maxRate" "max-rate" "firstByteTimeout" "first-byte-timeout" "idleTimeout" "idle-timeout" "maxAge" "max-age" "proxyProtocolFrom" "proxy-protocol-from" -}}
{{- if get $listener $value -}}{{- $_ := set $entry $property (get $listener $value) -}}{{- end -}}
{{- end -}}
{{- if $listener.proxyProtocol -}}{{- $_ := set $entry "proxy-protocol" "required" -}}{{- end -}}
{{- if $listener.tls -}}
{{- $tls = true -}}
{{- $_ := set $entry "tls" (dict "bundle" "shippers" "client-auth" $listener.clientAuth) -}}
{{- end -}}
{{- $_ := set $listeners $name $entry -}}
{{- end -}}
{{- $pipeline := dict "memory" .Values.pipeline.memory "workers" (int64 .Values.pipeline.workers) "drain-timeout" .Values.pipeline.drainTimeout "processors-file" "/etc/sluice/rules.yaml" -}}
{{- $store := dict "lanes" (int64 .Values.store.lanes) "retention" .Values.store.retention -}}
{{- if eq .Values.store.retentionAction "detach" -}}
{{- $_ := set $store "retention-action" "detach" -}}
{{- $_ := set $store "archive-schema" .Values.store.archiveSchema -}}
{{- end -}}
{{- if has .Values.store.layout (list "citus" "external") -}}{{- $_ := set $store "layout" .Values.store.layout -}}{{- end -}}
{{- if not .Values.store.migrate -}}{{- $_ := set $store "migrate" false -}}{{- end -}}
{{- $config := dict "sluice" (dict "listeners" $listeners "pipeline" $pipeline "store" $store) "spring" (dict "lifecycle" (dict "timeout-per-shutdown-phase" .Values.shutdown.timeout)) -}}
{{- with .Values.logs.format -}}{{- $_ := set $config "logging" (dict "structured" (dict "format" (dict "console" .))) -}}{{- end -}}
{{- if $tls -}}
{{- $keystore := dict "certificate" "file:/etc/sluice-tls/tls.crt" "private-key" "file:/etc/sluice-tls/tls.key" -}}
{{- $bundle := dict "reload-on-update" true "keystore" $keystore -}}
{{- with include "sluice.shippersCa" . -}}
{{- $_ := set $bundle "truststore" (dict "certificate" (printf "file:%s" .)) -}}
{{- end -}}
{{- $_ := set $config.spring "ssl" (dict "bundle" (dict "pem" (dict "shippers" $bundle))) -}}
{{- end -}}
{{- toYaml (mergeOverwrite $config (deepCopy .Values.config)) -}}
{{- end -}}
