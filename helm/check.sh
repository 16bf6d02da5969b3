#!/usr/bin/env bash
# Checks the chart: lint, golden files, refusals, schemas of Kubernetes, of the operators and of Grafana, helm-unittest.
#   helm/check.sh            checks
#   helm/check.sh update     writes the golden files anew: look at the difference before you commit it
# The tools are built with Go into target/helm; nothing of it is needed by `mvn verify`.
set -euo pipefail
cd "$(dirname "$0")/.."

HELM=helm.sh/helm/v3/cmd/helm@v3.19.0
KUBECONFORM=github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
UNITTEST=github.com/helm-unittest/helm-unittest@v1.1.2
KUBERNETES=k8s.io/kubernetes@v1.34.1
PROMETHEUS_OPERATOR=github.com/prometheus-operator/prometheus-operator@v0.85.0
CERT_MANAGER=github.com/cert-manager/cert-manager@v1.21.2
GATEWAY=sigs.k8s.io/gateway-api@v1.4.0
KEDA=github.com/kedacore/keda/v2@v2.21.0
DASHBOARD=helm/sluice/files/dashboard.json
LOGS=helm/sluice/files/logs.json

work="$PWD/target/helm"
bin="$work/bin"
failures=0

fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }

# The folder of a Go module: one that is not to be built, but read.
module() { go mod download -json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'; }

build_tools() {
    mkdir -p "$bin"
    [ -x "$bin/helm" ] || GOBIN="$bin" go install "$HELM"
    [ -x "$bin/kubeconform" ] || GOBIN="$bin" go install "$KUBECONFORM"
    (cd helm/dashboard && go build -o "$bin/dashboard" .)
    if [ ! -x "$bin/untt" ]; then
        # Its module replaces others, which `go install` refuses.
        cp -r "$(module "$UNITTEST")" "$work/unittest"
        chmod -R u+w "$work/unittest"
        (cd "$work/unittest" && go build -o "$bin/untt" ./cmd/helm-unittest)
        rm -r "$work/unittest"
    fi
    local monitoring
    monitoring="$(module "$PROMETHEUS_OPERATOR")/example/prometheus-operator-crd/monitoring.coreos.com"
    [ -e "$work/schemas/deployment-apps-v1.json" ] || helm/schemas.py "$work/schemas" \
        "$(module "$KUBERNETES")/api/openapi-spec/swagger.json" \
        "$monitoring"_{podmonitors,prometheusrules,servicemonitors}.yaml \
        "$(module "$CERT_MANAGER")"/deploy/crds/*certificates.yaml \
        "$(module "$GATEWAY")"/config/crd/experimental/*_tcproutes.yaml \
        "$(module "$KEDA")"/config/crd/bases/keda.sh_scaledobjects.yaml
}

render() { "$bin/helm" template sluice helm/sluice --namespace logs --kube-version 1.34.1 --values "$@"; }

check_golden() {
    local values expected actual
    for values in helm/golden/values/*.yaml; do
        expected="helm/golden/expected/${values##*/}"
        actual="$work/actual/${values##*/}"
        if ! render "$values" >"$actual"; then fail "$values does not render"; continue; fi
        if [ "$1" = update ]; then cp "$actual" "$expected"; fi
        diff -u "$expected" "$actual" || fail "$values renders otherwise than $expected"
    done
}

# The first line of each file says, after its #, what the refusal must say.
check_refusals() {
    local values wanted
    for values in helm/golden/refused/*.yaml; do
        wanted="$(head -1 "$values" | cut -c3-)"
        if render "$values" >/dev/null 2>"$work/refusal"; then
            fail "$values is not refused"
        elif ! grep -qF -- "$wanted" "$work/refusal"; then
            fail "$values is refused, but not with: $wanted"
            cat "$work/refusal" >&2
        fi
    done
}

# The service takes changed rules by itself; every other setting takes effect with new pods only.
check_what_replaces_pods() {
    local pods="$work/actual-pods"
    deployment() { render helm/golden/values/default.yaml --show-only templates/deployment.yaml "$@"; }
    deployment >"$pods-before.yaml"
    deployment --set-json 'pipeline.processors=[{"name":"noise","filter":{}}]' >"$pods-rules.yaml"
    deployment --set store.retention=10d >"$pods-setting.yaml"
    diff -u "$pods-before.yaml" "$pods-rules.yaml" || fail "a changed rule replaces the pods"
    if diff -q "$pods-before.yaml" "$pods-setting.yaml" >/dev/null; then fail "a changed setting replaces no pod"; fi
}

# Grafana refuses a data source whose uid is longer.
check_long_name() {
    local uid name=a-release-with-a-name-as-long-as-helm-takes-it-really
    uid="$(render helm/golden/values/default.yaml --set datasource.enabled=true --set fullnameOverride="$name" \
        --show-only templates/monitoring.yaml | sed -n 's/^ *uid: //p')"
    if [ -z "$uid" ] || [ "${#uid}" -gt 40 ]; then fail "the data source's uid is \"$uid\""; fi
}

# What is to be copied is YAML, leads to the Service of the defaults in the namespace `logs`, and is in the documentation.
check_examples() {
    local values
    grep -q 'name: sluice-main$' "$work/actual/default.yaml" || fail "there is no Service sluice-main"
    for values in helm/sluice/examples/*.yaml; do
        python3 -c 'import sys, yaml; sys.exit(not isinstance(yaml.safe_load(open(sys.argv[1])), dict))' "$values" \
            || fail "$values is no YAML"
        if ! grep -q 'sluice-main\.logs\.svc' "$values" || ! grep -q 5140 "$values"; then fail "$values leads elsewhere"; fi
        grep -q "examples/${values##*/}" docs/shippers.md || fail "$values is not in docs/shippers.md"
    done
}

validate() { "$bin/kubeconform" -schema-location "$work/schemas/{{.ResourceKind}}{{.KindSuffix}}.json" "$@"; }

# A check that cannot fail proves nothing.
check_that_mistakes_are_found() {
    mkdir -p "$work/mistakes"
    local mistake
    sed 's/enableServiceLinks/serviceLinks/' "$work/actual/default.yaml" >"$work/mistakes/pod.yaml"
    sed 's/podMetricsEndpoints/endpoints/' "$work/actual/pod-monitor.yaml" >"$work/mistakes/monitor.yaml"
    for mistake in "$work"/mistakes/*.yaml; do
        if validate "$mistake" >/dev/null; then fail "kubeconform does not see the mistake in $mistake"; fi
    done
    for mistake in s/reduceOptions/reduce/ 's/"refresh": "10s"/"refresh": 10/'; do
        sed "$mistake" "$DASHBOARD" >"$work/mistakes/dashboard.json"
        if "$bin/dashboard" "$work/mistakes/dashboard.json" 2>/dev/null; then fail "a dashboard with $mistake passes"; fi
    done
    sed 's/"cellHeight"/"rowHeight"/' "$LOGS" >"$work/mistakes/dashboard.json"
    if "$bin/dashboard" "$work/mistakes/dashboard.json" 2>/dev/null; then fail "logs with another option pass"; fi
}

if ! command -v go >/dev/null; then
    echo "No Go here: the chart was not checked."
    exit 0
fi
build_tools
rm -rf "$work/actual" && mkdir -p "$work/actual"
"$bin/helm" lint --strict --quiet helm/sluice || fail "helm lint"
check_golden "${1:-check}"
grep -q 'helm.sh/hook: test' "$work/actual/default.yaml" || fail "there is nothing that helm test could run"
check_refusals
check_what_replaces_pods
check_long_name
check_examples
validate -summary "$work/actual" || fail "manifests"
"$bin/dashboard" "$DASHBOARD" "$LOGS" || fail "dashboards"
check_that_mistakes_are_found
"$bin/untt" helm/sluice || fail "helm-unittest"
if [ "$failures" -gt 0 ]; then echo "$failures failed" >&2; exit 1; fi
value_files=(helm/golden/values/*) refusals=(helm/golden/refused/*)
echo "The chart: ${#value_files[@]} value files, ${#refusals[@]} refusals, no failure."
