{{/* What the schema cannot say. */}}
{{- define "sluice.validate" -}}
{{- include "sluice.validateListeners" . -}}
{{- include "sluice.validateTls" . -}}
{{- include "sluice.validateScaling" . -}}
{{- include "sluice.refuseOwned" . -}}
{{- include "sluice.refuseUnknown" . -}}
{{- if regexMatch "^[0-9]" (include "sluice.fullname" .) -}}
{{- fail (printf "\n\nThe release is called %s, but the name of a Service begins with a letter: set fullnameOverride." .Release.Name) -}}
{{- end -}}
{{- include "sluice.requireBetween" (list "pipeline.memory" .Values.pipeline.memory "4MB" "64GB") -}}
{{- if lt (int64 (include "sluice.seconds" .Values.store.retention)) 86400 -}}
{{- fail (printf "\n\nstore.retention is %s, expected at least 1d: whole days are dropped." .Values.store.retention) -}}
{{- end -}}
{{- if and (has .Values.database.sslMode (list "verify-ca" "verify-full")) (not .Values.database.caSecret) -}}
{{- fail (printf "\n\ndatabase.sslMode is %s, but database.caSecret does not name the CA." .Values.database.sslMode) -}}
{{- end -}}
{{- if and .Values.database.hosts (eq .Values.database.format "cloudnative-pg") -}}
{{- fail "\n\ndatabase.hosts is set, but with format cloudnative-pg the host comes from the secret, and is a Service that follows the primary." -}}
{{- end -}}
{{- if and .Values.datasource.enabled (not .Values.datasource.url) (or .Values.database.hosts (eq .Values.database.format "cloudnative-pg")) -}}
{{- fail "\n\ndatasource.enabled is true without datasource.url: Grafana takes one host:port, and database.host is not where the database is." -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled -}}
{{- fail "\n\nBoth serviceMonitor and podMonitor are enabled: every pod would be scraped twice, and every sum be doubled." -}}
{{- end -}}
{{- range $name, $route := .Values.tcpRoutes -}}
{{- if not (hasKey $.Values.listeners $name) -}}
{{- fail (printf "\n\ntcpRoutes.%s: there is no listener of that name." $name) -}}
{{- end -}}
{{- if not (include "sluice.listener" (get $.Values.listeners $name) | fromYaml).service.enabled -}}
{{- fail (printf "\n\ntcpRoutes.%s: listeners.%s.service is not enabled, so the route leads nowhere." $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sluice.validateListeners" -}}
{{- $ports := dict -}}
{{- range $name, $values := .Values.listeners -}}
{{- $listener := include "sluice.listener" $values | fromYaml -}}
{{- $at := printf "listeners.%s" $name -}}
{{- $port := toString (int64 $listener.port) -}}
{{- if hasKey $ports $port -}}
{{- fail (printf "\n\nlisteners.%s and %s have the same port, %s." (get $ports $port) $at $port) -}}
{{- end -}}
{{- if eq $port "8080" -}}
{{- fail (printf "\n\n%s.port is 8080, which is the HTTP port." $at) -}}
{{- end -}}
{{- $_ := set $ports $port $name -}}
{{- include "sluice.requireBetween" (list (printf "%s.maxFrame" $at) $listener.maxFrame "1KB" "16MB") -}}
{{- with $listener.maxRate -}}
{{- include "sluice.requireBetween" (list (printf "%s.maxRate" $at) . "1KB" "100GB") -}}
{{- end -}}
{{- if and $listener.proxyProtocolFrom (not $listener.proxyProtocol) -}}
{{- fail (printf "\n\n%s.proxyProtocolFrom is set without proxyProtocol: nobody is believed without it." $at) -}}
{{- end -}}
{{- if and (ne $listener.clientAuth "none") (not $listener.tls) -}}
{{- fail (printf "\n\n%s.clientAuth is %s without tls." $at $listener.clientAuth) -}}
{{- end -}}
{{- if and (ne $listener.clientAuth "none") (not (include "sluice.shippersCa" $)) -}}
{{- fail (printf "\n\n%s.clientAuth is %s, but neither tls.caKey nor tls.caSecret names the shippers' CA." $at $listener.clientAuth) -}}
{{- end -}}
{{- if and $listener.tls (not (include "sluice.tlsSecret" $)) -}}
{{- fail (printf "\n\n%s.tls is true, but there is neither tls.existingSecret nor tls.certManager." $at) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sluice.validateTls" -}}
{{- $manager := .Values.tls.certManager -}}
{{- if and .Values.tls.existingSecret $manager.enabled -}}
{{- fail "\n\nBoth tls.existingSecret and tls.certManager are given: choose one." -}}
{{- end -}}
{{- $duration := int64 (include "sluice.seconds" $manager.duration) -}}
{{- if or (lt $duration 3600) (le $duration (int64 (include "sluice.seconds" $manager.renewBefore))) -}}
{{- fail (printf "\n\ntls.certManager.duration is %s, expected at least 1h and more than renewBefore, %s." $manager.duration $manager.renewBefore) -}}
{{- end -}}
{{- end -}}

{{- define "sluice.validateScaling" -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- fail "\n\nBoth autoscaling and keda are enabled: they would scale against each other." -}}
{{- end -}}
{{- range $name := list "autoscaling" "keda" -}}
{{- $scaler := get $.Values $name -}}
{{- if gt (int64 $scaler.minReplicas) (int64 $scaler.maxReplicas) -}}
{{- fail (printf "\n\n%s.minReplicas is %d, more than maxReplicas, %d." $name (int64 $scaler.minReplicas) (int64 $scaler.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- $metric := .Values.autoscaling.podsMetric -}}
{{- if and $metric.name (not $metric.averageValue) -}}
{{- fail "\n\nautoscaling.podsMetric.name is set without averageValue." -}}
{{- end -}}
{{- if and (eq $metric.name "sluice_stage_utilization_ratio") (not $metric.selector) -}}
{{- fail "\n\nautoscaling.podsMetric: sluice_stage_utilization_ratio has a series for each stage, the database's included. Set selector, such as { matchLabels: { stage: process } }." -}}
{{- end -}}
{{- end -}}

{{/* What a stop may take: refused when it is longer than the given grace period. */}}
{{- define "sluice.gracePeriod" -}}
{{- $drain := int64 (include "sluice.seconds" .Values.pipeline.drainTimeout) -}}
{{- $phase := int64 (include "sluice.seconds" .Values.shutdown.timeout) -}}
{{- if lt $drain 3 -}}
{{- fail (printf "\n\npipeline.drainTimeout is %s, expected at least 3s." .Values.pipeline.drainTimeout) -}}
{{- end -}}
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
