# The one entry point. Everything a target needs is set up by itself: system packages where they are missing and can
# be installed, the virtual environment from the hashed lock, Kubernetes (K8S=1.35.4, 1.36.3 or 1.37.2, the default) as
# published or from its Go modules (once, in a cache outside the tree).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
# Named after the contents of the lock and the project: another branch's venv is never taken for this one's.
READY := .venv/.ready-$(shell cat requirements.lock pyproject.toml | sha256sum | cut -c1-12)
CORE := core/**
# More than the two cores of CI: tests wait for a cluster more than they compute.
WORKERS ?= 3
PYTEST_ARGS ?=
# Where `make e2e` runs: node (of our own making), kind, or current (any kubeconfig; E2E_IMAGE names an image it can pull).
E2E_CLUSTER ?= node
export E2E_CLUSTER
E2E_TESTS ?= $(if $(filter node,$(E2E_CLUSTER)),tests/node) tests/e2e
NODES ?= 1
STORM_SECONDS ?= 1200
BENCH_ARGS ?=
VERSIONS ?= 1.35.4 1.36.3
# The main job on a real server: what each way of changing things sends is what differs between versions.
SHORT_RUN := tests/cluster_fixture/test_control_plane.py \
    $(addprefix tests/crd/test_,bounds_on_the_server.py claim_is_set_once.py decisions_are_only_added.py \
        immutable_fields.py select_by_hash.py) \
    $(addprefix tests/gate/test_,apply_client_side.py delete.py every_way_in.py exactly_once.py exec.py never.py \
        no_change.py people_and_controllers.py questions.py scale.py self_approval.py) \
    tests/operator/test_life_without_our_cli.py \
    $(addprefix tests/chart/test_,on_the_server.py rights_around_the_gate.py)
STATE ?=
state_option = $(if $(STATE),--state $(STATE))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# `step TEXT COMMAND...`: run quietly with a sign of life every ten seconds; the output appears when it fails.
define STEP
step() {
    local text=$$1 log started=$$SECONDS code=0 pid; shift
    log=$$(mktemp)
    echo "$$text" >&2
    "$$@" >"$$log" 2>&1 &
    pid=$$!
    trap "kill $$pid 2>/dev/null || true; rm -f '$$log'" EXIT
    while [ -e "/proc/$$pid" ]; do
        sleep 0.2
        if (( SECONDS - started >= 10 && (SECONDS - started) % 10 == 0 )); then
            echo "$$text ... $$(( SECONDS - started )) s" >&2; sleep 1
        fi
    done
    wait "$$pid" || code=$$?
    if [ "$$code" != 0 ]; then cat "$$log" >&2; fi
    rm -f "$$log"; trap - EXIT
    return "$$code"
}
endef
export STEP

# `find_python`: a Python that is new enough. `system_packages`: what is missing, installed where that is possible.
define SYSTEM
find_python() {
    local candidate
    for candidate in $${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$$candidate"; return
        fi
    done
}
system_packages() {
    local python missing="" sudo=""
    python=$$(find_python)
    if [ -z "$$python" ]; then missing="python3 python3-venv"
    elif ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
        missing="python3-venv"
        [ "$$(basename "$$python")" = python3 ] || missing="$$(basename "$$python")-venv"
    fi
    if command -v apt-get >/dev/null && [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
        missing="$$missing ca-certificates"
    fi
    [ -n "$$missing" ] || return 0
    if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi
    if ! command -v apt-get >/dev/null || { [ -n "$$sudo" ] && ! command -v sudo >/dev/null; }; then
        echo "error: missing: $$missing (Python 3.11 or newer with its venv module): install that and run make again." >&2
        return 1
    fi
    step "installing system packages: $$missing" $$sudo sh -c \
        "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y $$missing"
    if [ -z "$$(find_python)" ]; then
        echo "error: this system's Python is older than 3.11: install 3.11 or newer and run make again." >&2
        return 1
    fi
}
endef
export SYSTEM

$(READY):
	@eval "$$STEP"; eval "$$SYSTEM"
	system_packages
	if [ ! -x $(PY) ]; then step "making the virtual environment .venv" "$$(find_python)" -m venv .venv; fi
	# The lock is complete. Were pip to resolve, a release newer than the lock could stand in an extra's way.
	step "installing Python packages from requirements.lock, about a minute" \
	    .venv/bin/pip install -q --require-hashes --no-deps -r requirements.lock
	step "installing kubeapprove itself" .venv/bin/pip install -q --no-deps --no-build-isolation -e .
	rm -f .venv/.ready-*
	touch $@

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) cluster-binaries ## everything the other targets need, without running anything

.PHONY: demo
demo: $(READY) cluster-binaries ## the story on a real API server: refused, reviewed, approved, through exactly once
	@$(PY) -m e2e.demo

.PHONY: playground
playground: $(READY) cluster-binaries ## the same, left running; prints the folder to use it by last (STATE=folder)
	@$(PY) -m e2e.playground up $(state_option)

.PHONY: playground-down
playground-down: $(READY) ## end the playground (STATE=folder)
	@$(PY) -m e2e.playground down $(state_option)

.PHONY: test
# Where the caller's environment forbids it, every process would compile what it imports, and rewrite every assertion.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(READY) lint types cluster-binaries helm ## lint, types, every test but faults and e2e, and the coverage they must reach
	@.venv/bin/coverage erase
	.venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -p e2e.cluster.strict \
	    -m "not faults and not node and not stories" \
	    --cov --cov-report= $(PYTEST_ARGS)
	.venv/bin/coverage report --include '$(CORE)' --fail-under 100
	.venv/bin/coverage report --omit '$(CORE)' --fail-under 90

.PHONY: stories
stories: $(READY) cluster-binaries ## whole stories on a real cluster: pages typed as written, the demo, policies in force
	@.venv/bin/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder -p e2e.cluster.strict -m stories $(PYTEST_ARGS)

.PHONY: fault-tests
fault-tests: $(READY) cluster-binaries ## the tests that kill, freeze and restart things, and the table of false refusals
	@.venv/bin/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder -p e2e.cluster.strict -m faults $(PYTEST_ARGS)

.PHONY: faults
faults: fault-tests node-binaries ## these, then 20 minutes of load on real nodes while all breaks; written into docs (root)
	@$(PY) -m e2e.storm --seconds $(STORM_SECONDS) --write

.PHONY: e2e
e2e: $(READY) $(if $(filter node,$(E2E_CLUSTER)),cluster-binaries node-binaries) ## the tests on real nodes with real Pods (root; E2E_CLUSTER=kind, current)
	@.venv/bin/pytest -q -n $(if $(filter node,$(E2E_CLUSTER)),2,0) --dist loadfile --no-loadscope-reorder \
	    -p e2e.cluster.strict -m "node and not storm" $(PYTEST_ARGS) $(E2E_TESTS)

.PHONY: storm
storm: $(READY) cluster-binaries node-binaries ## the long fault run in short: everything breaks once, under load, on real nodes (root)
	@.venv/bin/pytest -q -p e2e.cluster.strict -m storm $(PYTEST_ARGS) tests/e2e/test_storm.py

.PHONY: versions
versions: $(READY) helm ## a short run of the suite on each older Kubernetes (VERSIONS="1.35.4 1.36.3")
	@for version in $(VERSIONS); do
	    # Named twice over: nobody's KUBEBUILDER_ASSETS stands in for the version that is meant.
	    export K8S=$$version KUBEBUILDER_ASSETS=
	    $(PY) -m e2e.cluster build
	    echo "Kubernetes $$version:"
	    .venv/bin/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	        -p e2e.cluster.strict $(PYTEST_ARGS) $(SHORT_RUN)
	done

.PHONY: bench
bench: $(READY) cluster-binaries ## what the gate costs a request, written into docs; nothing else may run for ten minutes
	@$(PY) -m bench.gate $(BENCH_ARGS)

.PHONY: lint
lint: $(READY) ## ruff, import-linter, deptry, codespell
	@.venv/bin/ruff check -q
	.venv/bin/ruff format -q --check
	.venv/bin/lint-imports --no-logo >/dev/null || .venv/bin/lint-imports
	.venv/bin/deptry . 2>/dev/null || .venv/bin/deptry .
	.venv/bin/codespell

.PHONY: types
types: $(READY) ## mypy, strict
	@.venv/bin/mypy

.PHONY: cluster-binaries
cluster-binaries: $(READY) ## fetch or build Kubernetes where no cache or KUBEBUILDER_ASSETS has it (K8S=1.36.3)
	@$(PY) -m e2e.cluster build

.PHONY: node-binaries
node-binaries: $(READY) ## build kubelet, containerd, CoreDNS, Helm, …; install runc and CNI plugins where missing
	@$(PY) -m e2e.node build

.PHONY: node-up
node-up: $(READY) cluster-binaries node-binaries ## a cluster with a real node and our image on it, until Ctrl-C (root; NODES=2)
	@$(PY) -m e2e.node up --nodes $(NODES)

.PHONY: helm
helm: $(READY) ## build Helm from its Go modules where no cache has it, three minutes
	@$(PY) -c 'from e2e.cluster.gobuild import build; build(["helm"])'

.PHONY: cluster-up
cluster-up: $(READY) cluster-binaries ## a bare control plane in the background (STATE=folder)
	@$(PY) -m e2e.cluster up $(state_option)

.PHONY: cluster-down
cluster-down: $(READY) ## end it (STATE=folder)
	@$(PY) -m e2e.cluster down $(state_option)

.PHONY: crds
crds: $(READY) ## generate crds/ from core's models, and the chart's copies of them
	@$(PY) -m kubeapprove.crd --write crds
	$(PY) -m kubeapprove.crd --write charts/kubeapprove/crds

.PHONY: image
image: $(READY) ## the container image without registry or engine, into dist/, with its bill of materials
	@$(PY) -m e2e.image

.PHONY: lock
lock: $(READY) ## resolve requirements.lock anew, with hashes, and from it what the image takes
	@lock=".venv/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-header"
	lock="$$lock --python-version 3.11 --universal"
	$$lock --all-extras --group dev pyproject.toml -o requirements.lock
	$$lock --extra webhook --extra operator -c requirements.lock pyproject.toml -o image/requirements.lock
	printf 'hatchling\npip\n' | $$lock -c requirements.lock - -o image/build.lock

.PHONY: clean
clean: ## remove the virtual environment and the caches in the tree (not the built Kubernetes)
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* dist
	find . -name __pycache__ -prune -exec rm -rf {} +
