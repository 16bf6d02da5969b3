{{/* Whether the JVM collects with G1: by its own choice from 2 processors and 1792 MiB on. */}}
{{- define "sluice.usesG1" -}}
{{- $options := join " " .Values.jvm.options -}}
{{- if contains "-XX:+UseG1GC" $options -}}
true
{{- else if not (regexMatch "-XX:[+]Use[A-Za-z]+GC(\\s|$)" $options) -}}
{{- $limit := int64 (include "sluice.bytes" .Values.resources.limits.memory) -}}
{{- if and (ge (int64 .Values.jvm.processors) 2) (ge $limit 1879048192) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* The sums of dev.sluice.config.MemoryCeiling, in bytes; the service checks them once more when it starts. */}}
{{- define "sluice.ceiling" -}}
{{- $mi := int64 1048576 -}}
{{- $processors := int64 .Values.jvm.processors -}}
{{- $loops := max 2 $processors -}}
{{- $workers := int64 .Values.pipeline.workers | default $processors -}}
{{- $chunk := mul 9 $mi -}}
{{- $inflated := mul 25 $mi -}}
{{- $encoded := 8 -}}
{{- range include "sluice.settings" . | fromYamlArray -}}
{{- if eq .name "sluiceforwardmaxchunk" -}}{{- $chunk = int64 (include "sluice.bytes" .value) -}}{{- end -}}
{{- if eq .name "sluiceforwardmaxinflated" -}}{{- $inflated = int64 (include "sluice.bytes" .value) -}}{{- end -}}
{{- end -}}
{{- /* Rules that redact or extract encode an event three times. */ -}}
{{- if .Values.pipeline.processors -}}{{- $encoded = 24 -}}{{- end -}}
{{- $connections := 0 -}}
{{- $headers := 0 -}}
{{- $reserve := 0 -}}
{{- $forward := false -}}
{{- $frameMax := 0 -}}
{{- $decrypted := 0 -}}
{{- range $name, $values := .Values.listeners -}}
{{- $listener := include "sluice.listener" $values | fromYaml -}}
{{- $frame := int64 (include "sluice.bytes" $listener.maxFrame) -}}
{{- /* Of those that are not set the service takes as many as the heap holds, and refuses one without room for a hundred. */ -}}
{{- $limit := int64 $listener.maxConnections | default 100 -}}
{{- $connections = add $connections (mul 1024 $limit) -}}
{{- $record := 0 -}}
{{- if $listener.tls -}}
{{- $connections = add $connections (mul 32768 $limit) -}}
{{- $record = 18437 -}}
{{- $decrypted = mul $loops 65536 -}}
{{- end -}}
{{- if $listener.proxyProtocol -}}{{- $headers = add $headers (mul 2048 $limit) -}}{{- end -}}
{{- $longest := $frame -}}
{{- if has $listener.protocol (list "auto" "forward") -}}
{{- $forward = true -}}
{{- /* A chunk, which grows by quarters while it comes. */ -}}
{{- $longest = max $longest (add $chunk (div $chunk 4)) -}}
{{- end -}}
{{- $reserve = max $reserve (add $longest $record 65536) -}}
{{- $frameMax = max $frameMax $frame -}}
{{- end -}}
{{- $budget := int64 (include "sluice.bytes" .Values.pipeline.memory) -}}
{{- if $forward -}}
{{- /* A chunk, what it inflates to, 13 MiB and 104 KiB of zstd and what it passes through, which grows to three events: what of it the share of the rows does not hold. */ -}}
{{- $alone := add $chunk $inflated (mul 13 $mi) 106496 (mul 3 $frameMax) -}}
{{- $budget = add $budget (max 0 (sub $alone (sub $budget (div $budget 4)))) -}}
{{- end -}}
{{- $ahead := mul .Values.store.lanes 2097152 -}}
{{- $scratch := add (mul $loops 81920) $decrypted (mul $workers $encoded (add $frameMax 65536)) $ahead (mul .Values.store.lanes 65536) -}}
budget: {{ $budget }}
connections: {{ $connections }}
heap: {{ add $budget $connections $reserve $scratch (mul 28 $mi) }}
direct: {{ add (mul $loops 65536) $decrypted $ahead $headers }}
{{- end -}}

{{/* Heap and direct memory in MiB, as `heap,direct`. */}}
{{- define "sluice.memory" -}}
{{- $mi := int64 1048576 -}}
{{- $ceiling := include "sluice.ceiling" . | fromYaml -}}
{{- $g1 := eq (include "sluice.usesG1" .) "true" -}}
{{- $ceilingMi := div (add (int64 $ceiling.heap) $mi -1) $mi -}}
{{- /* Netty takes it in chunks of 1 MiB, some for each thread. */ -}}
{{- $directMi := add (div (add (int64 $ceiling.direct) $mi -1) $mi) 4 (mul 2 .Values.jvm.processors) -}}
{{- $tlsMi := 0 -}}
{{- /* Classes, compiled code and what a compilation takes; more processors have more threads that compile and read. */ -}}
{{- $overheadMi := add 94 (mul 18 .Values.jvm.processors) -}}
{{- /* TLS has classes of its own, and more is compiled. Short of it the kernel reads the files of the JVM again and again. */ -}}
{{- range $name, $values := .Values.listeners -}}
{{- if (include "sluice.listener" $values | fromYaml).tls -}}{{- $tlsMi = 30 -}}{{- end -}}
{{- end -}}
{{- $overheadMi = add $overheadMi $tlsMi -}}
{{- if .Values.jvm.overhead -}}
{{- $overheadMi = div (int64 (include "sluice.bytes" .Values.jvm.overhead)) $mi -}}
{{- end -}}
{{- $limitMi := div (int64 (include "sluice.bytes" .Values.resources.limits.memory)) $mi -}}
{{- $heapMi := sub $limitMi (add $directMi $overheadMi) -}}
{{- /* G1 takes a 50th of the heap beside it and some for its threads, as NMT says with the whole heap committed. */ -}}
{{- $g1Mi := add 32 (mul 2 .Values.jvm.processors) -}}
{{- if $g1 -}}{{- $heapMi = div (mul 50 (sub $heapMi $g1Mi)) 51 -}}{{- end -}}
{{- if .Values.jvm.heap -}}
{{- $heapMi = div (int64 (include "sluice.bytes" .Values.jvm.heap)) $mi -}}
{{- end -}}
{{- $collectorMi := ternary (add $g1Mi (div (add $heapMi 49) 50)) 0 $g1 -}}
{{- /* Serial keeps a survivor space empty, a 30th, which the service does not count. */ -}}
{{- $usableMi := ternary $heapMi (div (mul 96 $heapMi) 100) $g1 -}}
{{- if lt $usableMi $ceilingMi -}}
{{- fail (printf "\n\nThe heap is %d MiB, of which %d can be filled, but the configuration may take %d MiB of heap (pipeline.memory %d, connections %d, the rest for frames, workers and the application). resources.limits.memory is %d MiB, of which direct memory takes %d, the JVM beside them %d and the collector %d. Raise the limit, or lower pipeline.memory, maxConnections or maxFrame." $heapMi $usableMi $ceilingMi (div (int64 $ceiling.budget) $mi) (div (int64 $ceiling.connections) $mi) $limitMi $directMi $overheadMi $collectorMi) -}}
{{- end -}}
{{- $sum := add $heapMi $directMi $overheadMi $collectorMi -}}
{{- if gt $sum $limitMi -}}
{{- fail (printf "\n\njvm.heap %d MiB, direct memory %d, the JVM beside them %d and the collector %d are %d MiB together, but resources.limits.memory is %d MiB." $heapMi $directMi $overheadMi $collectorMi $sum $limitMi) -}}
{{- end -}}
{{- printf "%d,%d" $heapMi $directMi -}}
{{- end -}}

{{- define "sluice.jvmOptions" -}}
{{- $memory := splitList "," (include "sluice.memory" .) -}}
{{- $sized := list (printf "-Xmx%sm" (first $memory)) (printf "-XX:MaxDirectMemorySize=%sm" (last $memory)) (printf "-XX:ActiveProcessorCount=%d" (int64 .Values.jvm.processors)) -}}
{{- join " " (concat $sized .Values.jvm.options) -}}
{{- end -}}

{{/* The request of memory is the limit where none is given: a pod that gets less than its heap is evicted first. */}}
{{- define "sluice.resources" -}}
{{- $limits := .Values.resources.limits -}}
{{- $requests := merge (deepCopy (default dict .Values.resources.requests)) (dict "memory" $limits.memory) -}}
{{- if gt (int64 (include "sluice.bytes" $requests.memory)) (int64 (include "sluice.bytes" $limits.memory)) -}}
{{- fail (printf "\n\nresources.requests.memory is %s, more than resources.limits.memory, %s." (toString $requests.memory) $limits.memory) -}}
{{- end -}}
{{- if and $requests.cpu $limits.cpu -}}
{{- if gt (int64 (include "sluice.millis" $requests.cpu)) (int64 (include "sluice.millis" $limits.cpu)) -}}
{{- fail (printf "\n\nresources.requests.cpu is %s, more than resources.limits.cpu, %s." (toString $requests.cpu) (toString $limits.cpu)) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "requests" $requests "limits" $limits) -}}
{{- end -}}
