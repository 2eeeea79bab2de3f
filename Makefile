# sohoa: few verbs. Each installs what it needs into .venv/ and can be run again and again.
#
#   make demo    the whole way on made-up papers, results in demo-out/
#   make test    the whole test suite with its real servers
#   make lint    ruff, mypy --strict, import-linter
#   make bench   the measurements of benchmarks/
#   make serve   the check page on http://127.0.0.1:8420/

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
APP    := $(VENV)/.installed
TOOLS  := $(VENV)/.installed-test

DEMO_PACKAGES := tesseract-ocr tesseract-ocr-vie redis-server
TEST_PACKAGES := $(DEMO_PACKAGES) poppler-utils qpdf chromium softhsm2 openssl iproute2 postgresql rabbitmq-server

ROOMS := sohoa pipeline ocr signing verification storage samples

.PHONY: demo test lint bench serve
.DELETE_ON_ERROR:

demo: demo-packages $(APP) compiled
	$(BIN)/sohoa demo

test: test-packages $(TOOLS) compiled
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: test-packages $(TOOLS) compiled
	$(BIN)/python -m benchmarks

serve: $(APP) compiled
	$(BIN)/sohoa serve --only check

.PHONY: demo-packages test-packages
demo-packages:
	@deploy/debian-packages $(DEMO_PACKAGES)
test-packages:
	@deploy/debian-packages $(TEST_PACKAGES)

# Where Python may not write its own cache (PYTHONDONTWRITEBYTECODE), every process would compile all of this anew: 0.3 s each.
.PHONY: compiled
compiled: $(APP)
	@$(BIN)/python -m compileall -q $(ROOMS)

$(APP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@start=$$(date +%s); \
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' && \
	$(BIN)/python -m pip install --quiet --editable '.[all]' && \
	echo "Cài đặt / installation: $$(( $$(date +%s) - start )) s"
	@touch $@

$(TOOLS): $(APP) pyproject.toml
	@$(BIN)/python -m pip install --quiet --group test
	@touch $@
