# Footfall. `make` lists what can be done.
.DEFAULT_GOAL := help
BIN := .venv/bin
# Processes `make run` leaves out, for example WITHOUT=generator
WITHOUT ?=
# Processes it runs besides, for example WITH=postgres or WITH=monitoring
WITH ?=
ARGS ?=
# What `make test-long` runs; CI adds what `make test-secure` runs, so that neither worker is idle.
MARKS ?= long
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
# Shows warnings and errors, and nothing else.
MVN := mvn -Dorg.slf4j.simpleLogger.defaultLogLevel=warn --batch-mode --no-transfer-progress --file flink/connector/pom.xml

# Where the live page, Flink's own pages and the dashboards are, by the same variables as the run's.
PAGE_URL = http://localhost:$(or $(DASHBOARD_PORT),8090)/
FLINK_URL = http://localhost:$(or $(FLINK_REST_PORT),8081)/
GRAFANA_URL = http://localhost:$(or $(GRAFANA_PORT),3000)/

.PHONY: help setup run page ui open stop status logs replay test test-fast test-java test-long test-monitoring test-sinks test-secure test-compose prove prove-alerting prove-sinks up down ps lint format manifests bench profile bench-live bench-alerting bench-exporter lock clean distclean sql

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

setup: ## Install what is missing (Python packages, JVM parts); quick when nothing changed
	@stack/setup.sh $(WITH)

run: setup ## Start everything and show where it is; Ctrl-C ends it (WITHOUT=generator WITH=postgres)
	@$(BIN)/footfall run $(WITHOUT:%=--without=%) $(WITH:%=--with=%)

page: ## Open the live page in the browser
	@echo "$(PAGE_URL)" && python3 -m webbrowser "$(PAGE_URL)"

ui: ## Open Flink's own pages in the browser
	@echo "$(FLINK_URL)" && python3 -m webbrowser "$(FLINK_URL)"

open: ## Open Grafana's dashboards in the browser (admin, GRAFANA_PASSWORD)
	@echo "$(GRAFANA_URL)" && python3 -m webbrowser "$(GRAFANA_URL)"

stop: ## End what `make run` started, from another terminal
	@$(BIN)/footfall stop

status: ## Show the processes
	@$(BIN)/footfall status

logs: ## Follow what the processes write
	@$(BIN)/footfall logs --follow

replay: setup ## Feed recorded events: make replay FILE=events.csv
	@$(BIN)/footfall replay $(FILE) $(ARGS)

sql: setup ## Open Flink's SQL client with every stream declared (ARGS=--batch)
	@$(BIN)/footfall sql $(ARGS)

test: test-java ## Run every test but those of test-long, test-monitoring, test-sinks and test-secure, with the real stack
	@$(PYTEST) -m "not long and not secure and not monitoring and not sinks" tests $(ARGS)

test-long: setup ## Kill, pause, upgrade and feed strange inputs for minutes, and compare every output
	@$(PYTEST) -m "$(MARKS)" tests $(ARGS)

test-secure: setup ## Run everything behind TLS, logins and rights, and see who is refused
	@$(BIN)/pytest -m secure tests $(ARGS)

test-monitoring: setup ## Make each alert rule fire and end in a real shop, and ask every panel of the dashboards; needs Prometheus and Alertmanager
	@$(BIN)/pytest -m monitoring tests $(ARGS)

test-sinks: setup ## Kill the exporter ten times and its stores, and compare what they hold with the topics
	@stack/setup.sh opensearch
	@stack/tools.sh bigquery-emulator
	@$(BIN)/pytest -m sinks tests $(ARGS)

test-fast: setup ## Run the tests that need no stack, browser or other program
	@$(PYTEST) -m "not stack and not programs" tests $(ARGS)

test-java: setup ## Run the Flink connector's unit tests
	@$(MVN) -Punit-tests test

prove: setup ## Compare every output with an independent computation, under kills and rescaling; replays FILE=events.csv, too
	@PYTHONPATH=tests $(BIN)/python -m checks.prove $(FILE:%=--file=%) $(ARGS)
	@FOOTFALL_FULL_STRAIN=1 $(BIN)/pytest -q tests/integration/test_lateness.py

prove-alerting: setup ## Kill and rebalance alerting's workers before receivers of every kind; a burst of 20,000 (ARGS="--only chaos")
	@PYTHONPATH=tests $(BIN)/python -m checks.prove_alerting $(ARGS)

prove-sinks: setup ## Kill the exporter at random and compare every stream of its files with the topics (ARGS="--sink opensearch" or bigquery)
	@stack/setup.sh $(filter opensearch,$(ARGS))
	@PYTHONPATH=tests $(BIN)/python -m checks.prove_sinks $(ARGS)

test-compose: setup ## Build the images, run and kill the containers, compare every output; needs Docker with compose v2
	@PYTHONPATH=tests $(BIN)/python -m checks.composed $(ARGS)

up: ## Start everything in containers and wait until it is healthy (ARGS=alerting for one service)
	@docker compose up --build --detach --wait $(ARGS)

down: ## End the containers; what they have stored stays
	@docker compose --profile '*' down

ps: ## Show the containers
	@docker compose ps

lint: setup ## Check style, types, SQL and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy $(wildcard schemas/footfall_* health/footfall_* security/footfall_* flink/footfall_* stack/footfall_* services/*/footfall_*) deploy/grafana/footfall_grafana deploy/grafana/write_dashboards.py deploy/flink_configuration.py deploy/kubernetes/topics.py deploy/opensearch/saved_objects.py tests bench
	@$(BIN)/sqlfluff lint flink/sql
	@$(BIN)/lint-imports
	@for part in $(dir $(wildcard */pyproject.toml services/*/pyproject.toml)); do \
		said=$$(cd $$part && "$(CURDIR)/$(BIN)/deptry" --no-ansi . 2>&1) || { echo "$$part: $$said"; exit 1; }; done
	@$(MVN) -Punit-tests,lint test-compile spotless:check

format: setup ## Rewrite sources in the common style
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@$(BIN)/sqlfluff fix flink/sql
	@$(MVN) -Plint spotless:apply

manifests: setup ## Write anew what deploy/ copies: Kubernetes' topics, PostgreSQL's tables, Flink's configuration, dashboards, charts
	@$(BIN)/python deploy/kubernetes/topics.py
	@$(BIN)/python deploy/flink_configuration.py
	@$(BIN)/python deploy/grafana/write_dashboards.py
	@$(BIN)/python deploy/opensearch/saved_objects.py
	@ANALYTICS_SINKS=kafka,postgres ANALYTICS_POSTGRES_READER= ANALYTICS_POSTGRES_DIMENSIONS=products,users,categories \
		$(BIN)/footfall postgres ddl > deploy/postgres/schema.sql

bench: setup ## Run the benchmarks
	@$(BIN)/python bench/replay.py $(ARGS)

profile: setup ## What a TaskManager's time goes to, by operator, and a flame graph in .footfall/profile (ARGS="--rate 50000")
	@$(BIN)/python bench/live.py --minutes 2 --parallelism 1 --profile .footfall/profile/$$(date +%Y%m%d-%H%M%S) $(ARGS)

bench-live: setup ## Run everything live for ten minutes: make bench-live ARGS="--set all --rate 20000"
	@$(BIN)/python bench/live.py $(ARGS)

bench-alerting: setup ## Measure from an alert to its webhook, and webhooks for each second of CPU
	@$(BIN)/python bench/alerting.py $(ARGS)

bench-exporter: setup ## Measure rows a second into Parquet, and rows for each second of CPU (ARGS="--sink opensearch")
	@stack/setup.sh $(filter opensearch,$(ARGS))
	@$(BIN)/python bench/exporter.py $(ARGS)

lock: setup ## Resolve requirements/*.in anew into hash-pinned requirements/*.txt
	@stack/lock.sh

clean: ## Remove the stack's data and every cache
	@[ ! -x $(BIN)/footfall ] || $(BIN)/footfall stop
	@rm -rf .footfall/data .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

distclean: clean ## Remove what setup installed, too
	@rm -rf .footfall .venv
