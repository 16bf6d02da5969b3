{{/* Every setting of Sluice that is not one of the chart's values, as a list of name, at and value. */}}
{{- define "sluice.settings" -}}
{{- include "sluice.flatten" (list "config" .Values.config) -}}
{{- range .Values.extraEnv }}
- { name: {{ include "sluice.settingName" .name }}, at: {{ printf "extraEnv %s" .name | quote }}, value: {{ toJson .value }} }
{{- end -}}
{{- range .Values.jvm.options -}}
{{- if hasPrefix "-D" . -}}
{{- $property := splitn "=" 2 (trimPrefix "-D" .) }}
- { name: {{ include "sluice.settingName" $property._0 }}, at: {{ printf "jvm.options -D%s" $property._0 | quote }}, value: {{ toJson $property._1 }} }
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sluice.flatten" -}}
{{- $path := index . 0 -}}
{{- $value := index . 1 -}}
{{- if kindIs "map" $value -}}
{{- range $key, $inner := $value -}}{{- include "sluice.flatten" (list (printf "%s.%s" $path $key) $inner) -}}{{- end -}}
{{- else }}
- { name: {{ include "sluice.settingName" (trimPrefix "config." $path) }}, at: {{ quote $path }}, value: {{ toJson $value }} }
{{- end -}}
{{- end -}}

{{/* Spring takes store.batch.max-bytes, store.batch.maxBytes and STORE_BATCH_MAXBYTES for one name, and so is this. */}}
{{- define "sluice.settingName" -}}
{{- regexReplaceAll "[^a-z0-9]" (lower .) "" | quote -}}
{{- end -}}

{{/*
Refuses names below sluice that do not exist, all at once; files/properties.txt has those that do. A variable of the
environment is the service's to judge: a value may name it.
*/}}
{{- define "sluice.refuseUnknown" -}}
{{- $known := list -}}
{{- range splitList "\n" (trim (.Files.Get "files/properties.txt")) -}}
{{- $pattern := regexReplaceAll "[^a-z0-9]" (. | replace "NAME" "0name0" | replace ".*" "0all0" | lower) "" -}}
{{- $known = append $known (printf "^%s[0-9]*$" ($pattern | replace "0name0" "[a-z0-9]+" | replace "0all0" ".*")) -}}
{{- end -}}
{{- $unknown := list -}}
{{- range $setting := include "sluice.settings" . | fromYamlArray -}}
{{- if and (hasPrefix "sluice" $setting.name) (not (hasPrefix "extraEnv" $setting.at)) (not (empty (toString $setting.value | replace "<nil>" ""))) -}}
{{- $matches := false -}}
{{- range $known -}}{{- if regexMatch . $setting.name -}}{{- $matches = true -}}{{- end -}}{{- end -}}
{{- if not $matches -}}{{- $unknown = append $unknown $setting.at -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $unknown -}}
{{- fail (printf "\n\nSluice has no such property: %s. docs/configuration.md lists those that there are." (join ", " $unknown)) -}}
{{- end -}}
{{- end -}}

{{/* Refuses settings that the chart computes others from, or that it has said already, by their name as above. */}}
{{- define "sluice.refuseOwned" -}}
{{- $http := "the probes, the Service and the monitors expect plain HTTP at port 8080 under /actuator" -}}
{{- $owned := dict
  "sluicepipelinememory" "set pipeline.memory"
  "sluicepipelineworkers" "set pipeline.workers"
  "sluicepipelinedraintimeout" "set pipeline.drainTimeout"
  "sluicestorelanes" "set store.lanes"
  "springlifecycletimeoutpershutdownphase" "set shutdown.timeout"
  "springr2dbcurl" "set database.host, port and name"
  "springr2dbcusername" "set database.existingSecret"
  "springr2dbcpassword" "set database.existingSecret"
  "sluicestoreschemausername" "set database.schemaSecret"
  "sluicestoreschemapassword" "set database.schemaSecret"
  "databasehost" "set database.host"
  "databaseport" "set database.port"
  "databasename" "set database.name"
  "serverport" $http
  "managementserverport" $http
  "managementendpointswebbasepath" $http
  "springwebfluxbasepath" $http
  "serversslbundle" $http
  "serversslkeystore" $http
  "serversslcertificate" $http
  "jdkjavaoptions" "set jvm.options"
  "javaoptions" "set jvm.options"
  "javatooloptions" "set jvm.options"
  "springapplicationjson" "set config"
  "springconfigadditionallocation" "set config"
-}}
{{- range $name, $listener := .Values.listeners -}}
{{- range $property, $value := dict "port" "port" "protocol" "protocol" "maxconnections" "maxConnections" "maxframe" "maxFrame" "proxyprotocol" "proxyProtocol" "tlsbundle" "tls" -}}
{{- $_ := set $owned (printf "sluicelisteners%s%s" (replace "-" "" $name) $property) (printf "set listeners.%s.%s" $name $value) -}}
{{- end -}}
{{- end -}}
{{- range $name, $listener := (.Values.config.sluice | default dict).listeners -}}
{{- if not (hasKey $.Values.listeners $name) -}}
{{- fail (printf "\n\nconfig.sluice.listeners.%s is a listener without a Service: name it under listeners." $name) -}}
{{- end -}}
{{- end -}}
{{- range $setting := include "sluice.settings" . | fromYamlArray -}}
{{- if hasPrefix "sluicepipelineprocessors" $setting.name -}}
{{- fail (printf "\n\n%s would be a second place for rules: set pipeline.processors." $setting.at) -}}
{{- end -}}
{{- if hasKey $owned $setting.name -}}
{{- fail (printf "\n\n%s goes around what the chart computes from its values: %s." $setting.at (get $owned $setting.name)) -}}
{{- end -}}
{{- if hasPrefix "sluicelisteners" $setting.name -}}
{{- $known := false -}}
{{- range $name, $listener := $.Values.listeners -}}
{{- if hasPrefix (replace "-" "" $name) (trimPrefix "sluicelisteners" $setting.name) -}}{{- $known = true -}}{{- end -}}
{{- end -}}
{{- if not $known -}}
{{- fail (printf "\n\n%s is a listener without a Service: name it under listeners." $setting.at) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range .Values.jvm.options -}}
{{- if regexMatch "(^|\\s)-(Xmx|mx|XX:(MaxHeapSize|MaxRAM|MaxRAMPercentage|MaxDirectMemorySize|ActiveProcessorCount)=)" . -}}
{{- fail (printf "\n\njvm.options %s goes around what the chart computes from its values: set jvm.heap, jvm.processors or resources.limits.memory." .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
