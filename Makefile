# Oriel's commands. `make run` and `make test` set up what they need on a fresh machine and say what they do.
# Settings: CARGO_TARGET_DIR (where cargo builds), ORIEL_CACHE (Python and npm caches of the tests).

ORIEL_CACHE ?= $(HOME)/.cache/oriel
export ORIEL_CACHE
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
ARGS ?=

.PHONY: help run build test check bench bench-large fuzz images clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## set up, build and start Oriel; prints keys and a login link (ARGS="--http 127.0.0.1:9000" adds flags)
	@echo "==> starting Oriel; stop it with ctrl-c"
	@exec target/release/oriel server $(ARGS)

build: ## target/release/oriel, with the pages inside
	@dev/need run
	@dev/ui
	@echo "==> building the binary in release (about 20 minutes on two cores from nothing)"
	cargo build --release --locked -p oriel
	@mkdir -p target/release
	@[ "$(TARGET)/release/oriel" -ef target/release/oriel ] || cp -f "$(TARGET)/release/oriel" target/release/oriel
	@echo "==> target/release/oriel"

test: ## set up, then every test: style, units, real clients, browser, crash
	@dev/test

check: ## style and types only: fmt, clippy, tidy, the UI's lint
	@dev/need check
	@dev/ui
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked -q -p xtask
	cd ui && npm run -s lint && npm run -s check

bench: build ## the table of bench/README.md, against the peer in the same run
	@dev/need bench
	@bench/run

bench-large: build ## the long runs
	@dev/need bench
	@bench/run --large

fuzz: ## every decoder and the query parser for a minute each
	@dev/need fuzz
	@dev/fuzz

images: build ## docs/images from live data, light and dark
	@dev/need test
	@dev/images

clean: ## what the build made
	rm -rf target ui/dist ui/node_modules fuzz/target
