# The commands of BeatSync. `make help` lists them.

# The first Python on the PATH that runs BeatSync (3.11 to 3.13), unless one is named: PYTHON=…
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python; do \
  $$python -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
  && echo $$python && break; done)
BIN := .venv/bin
# One more than there are cores: tests of browsers and servers also wait.
WORKERS ?= $$($(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')
PYTEST = $(BIN)/python -m pytest -n $(WORKERS)
NODE_TESTS = $$($(BIN)/python -m tests.node) --test $$(find tests/js -name "*.test.mjs")
STAND_IN := tests/test_fake_spotify.py tests/browser/test_fake_sdk.py
SHIPPED := tests/test_house_music.py
# One worker for each engine: each has one browser.
TEST_ENGINES = $(BIN)/python -m pytest -n 2 --dist loadgroup tests/engines

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run run-fake-spotify run-fakes scan doctor test test-fast test-stores check bench chromium engines clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-18s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/ready .env ## Serve on http://127.0.0.1:8000 (HOST=0.0.0.0 lets phones in, PORT= moves it)
	@$(BIN)/python manage.py prepare
	@exec $(BIN)/python -m beatsync

run-fake-spotify: .venv/ready-dev ## Stand in for Spotify on http://127.0.0.1:8901, and say what to put into .env
	@exec $(BIN)/python -m tests.fakes.spotify --port 8901

run-fakes: .venv/ready-dev ## Stand in for Last.fm and ListenBrainz on http://127.0.0.1:8902, and say what to put into .env
	@exec $(BIN)/python -m tests.fakes.discovery --port 8902

scan: .venv/ready .env ## Look through the music folders now, and name the files that cannot be played
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py scan_library

doctor: .venv/ready .env ## Say what is wrong with this installation, and what to do about it
	@$(BIN)/python manage.py doctor

test: .venv/ready-dev chromium .venv/tested-stand-in .venv/tested-music ## All tests; nothing else has to run
	$(PYTEST) $(foreach each,$(STAND_IN) $(SHIPPED) tests/engines,--ignore $(each))
	$(TEST_ENGINES)
	$(NODE_TESTS)

test-fast: .venv/ready-dev ## The tests that need neither a browser nor a server process
	$(PYTEST) -m "not browser and not servers" $(foreach each,$(STAND_IN) $(SHIPPED),--ignore $(each))
	$(NODE_TESTS)

test-stores: .venv/ready-dev chromium ## What touches the stores, on DATABASE_URL and REDIS_URL
	$(PYTEST) -m stores

# TypeScript reads the scripts' types, Biome looks for faults in scripts and styles (one program for
# both, 97 MB); nothing of either is served.
node_modules/.ready: package.json
	@command -v npm >/dev/null || { echo "make check needs npm, which comes with Node.js"; exit 1; }
	npm install --no-package-lock --no-audit --no-fund --silent
	@touch $@

# What these are about is in files of their own, so they run where one of those has changed.
.venv/tested-stand-in: $(STAND_IN) $(shell find tests/fakes -name '*.py' -o -name '*.html') | .venv/ready-dev chromium
	$(PYTEST) $(STAND_IN)
	@touch $@

.venv/tested-music: $(SHIPPED) $(shell find music/house tools/compose -type f) | .venv/ready-dev
	$(PYTEST) $(SHIPPED)
	@touch $@

check: .venv/ready-dev node_modules/.ready ## Lint, types, Django's own checks, migrations, known weaknesses of dependencies, words
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	node_modules/.bin/tsc --project .
	node_modules/.bin/biome lint --error-on-warnings
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	  HTTPS=true DEBUG=false $(BIN)/python manage.py check --deploy --fail-level WARNING
	SECRET_KEY=check $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tools.audit
	SECRET_KEY=check $(BIN)/python manage.py check_words

bench: .venv/ready-dev chromium ## Measure, and print the tables of docs/performance*.md and docs/first-minute.md
	$(BIN)/python -m bench

# Whatever browser there is; else playwright's own; else the system's package.
chromium: .venv/ready-dev
	@$(BIN)/python -m tests.chromium >/dev/null 2>&1 \
	  || $(BIN)/playwright install --with-deps chromium \
	  || (apt-get update -qq && apt-get install -y -qq chromium)

# Debian's packages; xvfb is a screen in memory, PulseAudio has a sound card in memory. The proxies
# are for the tests of deploy/, which `make test-stores` runs.
engines: .venv/ready-dev ## Install Firefox, WebKitGTK, nginx and Caddy, in which tests then run, too
	@(command -v firefox-esr && command -v WebKitWebDriver && command -v xvfb-run \
	  && command -v pulseaudio && command -v pactl \
	  && PATH=$$PATH:/usr/sbin command -v nginx && command -v caddy) >/dev/null \
	  || (apt-get update -qq && apt-get install -y -qq --no-install-recommends \
	    firefox-esr webkit2gtk-driver xvfb pulseaudio pulseaudio-utils nginx-light caddy)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "BeatSync needs Python 3.11, 3.12 or 3.13."; exit 1; }
	$(PYTHON) -m venv .venv

# Not only in order: where the system's Python was replaced, the environment begins anew, and empty.
.venv/ready: requirements.txt .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/ready-dev: requirements-dev.txt requirements.txt .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/ready $@

.env: | .venv/ready
	@$(BIN)/python -c "import secrets; text = open('.env.example').read(); \
	  print(text.replace('SECRET_KEY=', 'SECRET_KEY=' + secrets.token_urlsafe(50), 1), end='')" > $@
	@chmod 600 $@

clean: ## Delete the environment and all data
	rm -rf .venv var .env
