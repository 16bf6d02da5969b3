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
helm.sh/chart: {{ include "sluice.chart" . }}
{{ include "sluice.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sluice.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" -}}
{{- end -}}

{{/* Without the versions of chart and application: pods are replaced when what they run changes, not with the chart. */}}
{{- define "sluice.podLabels" -}}
{{ include "sluice.selectorLabels" . }}
{{- with merge (deepCopy .Values.podLabels) .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sluice.testLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
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
{{- $defaults := dict "protocol" "auto" "maxConnections" 0 "maxFrame" "256KB" "maxConnectionsPerSource" 0 "joinLines" 0 "proxyProtocol" false "tls" false "clientAuth" "none" -}}
{{- $service := dict "enabled" true "type" "ClusterIP" "annotations" dict "labels" dict -}}
{{- $listener := mergeOverwrite $defaults (deepCopy .) -}}
{{- $_ := set $listener "service" (mergeOverwrite $service (default dict $listener.service)) -}}
{{- toYaml $listener -}}
{{- end -}}

{{- define "sluice.tlsSecret" -}}
{{- if .Values.tls.certManager.enabled -}}
{{- printf "%s-tls" (include "sluice.fullname" .) -}}
{{- else -}}
{{- .Values.tls.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* The shippers' CA as a file, empty where there is none. */}}
{{- define "sluice.shippersCa" -}}
{{- if .Values.tls.caSecret -}}
{{- printf "/etc/sluice-shippers-ca/%s" (default "ca.crt" .Values.tls.caKey) -}}
{{- else if .Values.tls.caKey -}}
{{- printf "/etc/sluice-tls/%s" .Values.tls.caKey -}}
{{- end -}}
{{- end -}}

{{/* The first listener that `helm test` can speak to: lines of plain text, through a Service, from anywhere. */}}
{{- define "sluice.testedListener" -}}
{{- $found := "" -}}
{{- range $name, $values := .Values.listeners -}}
{{- $listener := include "sluice.listener" $values | fromYaml -}}
{{- $plain := and (has $listener.protocol (list "auto" "syslog")) (not $listener.tls) (not $listener.proxyProtocol) -}}
{{- if and $plain $listener.service.enabled (not $listener.allow) (not $found) -}}{{- $found = $name -}}{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* The servers of the database, each with its port: a list, as JSON. */}}
{{- define "sluice.databaseServers" -}}
{{- $servers := list -}}
{{- range default (list .Values.database.host) .Values.database.hosts -}}
{{- $port := regexFind ":[0-9]+$" (regexReplaceAll "^\\[.*\\]" . "") -}}
{{- $name := . | trimSuffix $port -}}
{{- $servers = append $servers (dict "name" $name "port" (default (toString $.Values.database.port) ($port | trimPrefix ":"))) -}}
{{- end -}}
{{- toJson $servers -}}
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
{{- if $database.schemaSecret }}
- name: SLUICE_STORE_SCHEMAUSERNAME
  valueFrom: { secretKeyRef: { name: {{ $database.schemaSecret }}, key: {{ $database.schemaUsernameKey }} } }
- name: SLUICE_STORE_SCHEMAPASSWORD
  valueFrom: { secretKeyRef: { name: {{ $database.schemaSecret }}, key: {{ $database.schemaPasswordKey }} } }
{{- end }}
{{- if $cnpg }}
{{- range $variable, $key := dict "DATABASE_HOST" "host" "DATABASE_PORT" "port" "DATABASE_NAME" "dbname" }}
- name: {{ $variable }}
  valueFrom: { secretKeyRef: { name: {{ $database.existingSecret }}, key: {{ $key }} } }
{{- end }}
{{- else }}
{{- $names := list -}}{{- $ports := list -}}{{- $addresses := list -}}
{{- range include "sluice.databaseServers" . | fromJsonArray -}}
{{- $names = append $names (regexReplaceAll "[][]" .name "") -}}
{{- $ports = append $ports .port -}}
{{- $addresses = append $addresses (printf "%s:%s" (.name | replace "[" "%5B" | replace "]" "%5D") .port) -}}
{{- end }}
- name: DATABASE_HOST
  value: {{ join "," $names | quote }}
- name: DATABASE_PORT
  value: {{ join "," $ports | quote }}
- name: DATABASE_NAME
  value: {{ $database.name | quote }}
{{- if $database.hosts }}
- name: SPRING_R2DBC_URL
  value: {{ printf "r2dbc:postgresql:failover://%s/$(DATABASE_NAME)%s" (join "," $addresses) $options | quote }}
{{- end }}
{{- end }}
{{- if not $database.hosts }}
- name: SPRING_R2DBC_URL
  value: {{ printf "r2dbc:postgresql://$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)%s" $options | quote }}
{{- end }}
{{- end -}}
