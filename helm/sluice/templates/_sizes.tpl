{{/*
Bytes of 512Mi, 1Gi, 500M (Kubernetes) and of 64KB, 8MB, 1GB (Spring, powers of 1024).
A number of YAML comes as a float, whose text would have an exponent.
*/}}
{{- define "sluice.bytes" -}}
{{- if kindIs "string" . -}}
{{- $number := regexFind "^[0-9]+" . -}}
{{- $unit := trimPrefix $number . -}}
{{- $units := dict "" 1 "B" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "KB" 1024 "MB" 1048576 "GB" 1073741824 -}}
{{- if or (eq $number "") (not (hasKey $units $unit)) -}}
{{- fail (printf "\n\n%s is no size: write a whole number with a unit, such as 512Mi or 64MB." .) -}}
{{- end -}}
{{- mul (int64 $number) (get $units $unit) -}}
{{- else -}}
{{- int64 . -}}
{{- end -}}
{{- end -}}

{{/* Refuses a size out of bounds: (list NAME SIZE MIN MAX). */}}
{{- define "sluice.requireBetween" -}}
{{- $bytes := int64 (include "sluice.bytes" (index . 1)) -}}
{{- if or (lt $bytes (int64 (include "sluice.bytes" (index . 2)))) (gt $bytes (int64 (include "sluice.bytes" (index . 3)))) -}}
{{- fail (printf "\n\n%s is %s, expected between %s and %s." (index . 0) (index . 1) (index . 2) (index . 3)) -}}
{{- end -}}
{{- end -}}

{{/* Seconds of 15s, 2m, 1h, 30d. */}}
{{- define "sluice.seconds" -}}
{{- $number := regexFind "^[0-9]+" . -}}
{{- mul (int64 $number) (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) (trimPrefix $number .)) -}}
{{- end -}}

{{/* Thousandths of a processor, of 500m, 2, 0.5. */}}
{{- define "sluice.millis" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text -}}{{- trimSuffix "m" $text -}}{{- else -}}{{- mulf (float64 $text) 1000 | int64 -}}{{- end -}}
{{- end -}}
