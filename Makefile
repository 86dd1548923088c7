# Every target sets up what it needs; the second time that is instant.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export UV_PYTHON_DOWNLOADS ?= automatic

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen --no-sync
ENGINE := PYTHONPATH=. bot/.venv/bin/python

.PHONY: help setup run test train evaluate bench soak check format browser

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: .venv/.ready bot/.venv/.ready ## both Python environments

.uv/bin/uv:
	@echo "yingsheng: getting uv (once)"
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ready: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	@echo "yingsheng: setting up the application's environment"
	@$(UV) sync --frozen --compile-bytecode --python 3.12 && touch $@

bot/.venv/.ready: bot/pyproject.toml bot/uv.lock | $(filter .uv/bin/uv,$(UV))
	@echo "yingsheng: setting up the engine's environment (about 1 GB the first time)"
	@$(UV) sync --frozen --compile-bytecode --project bot --python 3.10 && touch $@

browser: ## Chromium and Chinese fonts for the browser tests
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  echo "yingsheng: installing Chromium for the browser tests"; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; }

train: setup ## the model, from nlu_data (skips when nothing changed)
	@$(RUN) yingsheng train

run: train ## the whole system in the foreground; Ctrl-C stops it
	@$(RUN) yingsheng run

test: train browser ## all tests, or ONLY=unit|integration|acceptance|conversations|browser|engine
	@RUN="$(RUN)" tests/run $(ONLY)

check: setup ## format, lint, types, arrows, data, dead code
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) pyright
	@$(RUN) vulture
	@$(RUN) pytest -q tests/unit/test_arrows.py tests/unit/city -p no:cacheprovider
	@$(ENGINE) -m bot.validate

format: setup ## writes the code as the formatter wants it
	@$(RUN) ruff format . && $(RUN) ruff check --fix .

evaluate: setup ## accuracy: DATA=file.jsonl [TRAIN=file.jsonl ONLY=1]; one JSON line last
	@$(ENGINE) -m bot.evaluate --data $(DATA) $(if $(TRAIN),--train $(TRAIN)) $(if $(ONLY),--only)

bench: train ## side by side in one run: WHAT=engine|turn|faq|tickets|understanding|corrections
	@RUN="$(RUN)" benchmarks/run $(WHAT)
