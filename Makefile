# One command each: see CONTRIBUTING.md. `make demo` is the one to begin with.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo test test-long record bench install traces clean

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
TESTFLAGS ?=
BENCHFLAGS ?=

help:
	@echo "make demo       build, then replay a few real captures from Traces"
	@echo "make test       every test but the long ones"
	@echo "make test-long  the long ones"
	@echo "make record     write the golden files anew"
	@echo "make bench      time Postel against a bare libpcap loop"
	@echo "make install    into PREFIX ($(PREFIX)), below DESTDIR when that is set"
	@echo "make traces     make the captures in Traces anew (root)"
	@echo "make clean      remove what was built"

# $(call install-missing,PURPOSE,CHECK PACKAGE...): CHECK is a command, or pc:NAME for a library that pkg-config knows.
define install-missing
missing=(); set -- $(2); \
while (($$#)); do \
	case $$1 in \
	pc:*) pkg-config --exists "$${1#pc:}" 2>/dev/null || missing+=("$$2");; \
	*) PATH="$$PATH:/usr/sbin:/sbin" command -v "$$1" >/dev/null || missing+=("$$2");; \
	esac; shift 2; \
done; \
if (($${#missing[@]})); then \
	sudo=; if ((EUID)); then sudo=sudo; fi; \
	if ! command -v apt-get >/dev/null || { [[ -n $$sudo ]] && ! command -v sudo >/dev/null; }; then \
		echo "$(1) needs these packages (Debian's names), please install them: $${missing[*]}" >&2; exit 1; \
	fi; \
	echo "$(1) needs packages that are missing; installing with apt-get: $${missing[*]}"; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}" >/dev/null; \
fi
endef

setup:
	@command -v $(SWIFT) >/dev/null || { echo "Postel is built with Swift 6.2 or later: https://www.swift.org/install" >&2; exit 1; }
	@$(call install-missing,Building,pkg-config pkg-config pc:libpcap libpcap-dev pc:zlib zlib1g-dev)

setup-tests: setup
	@$(call install-missing,Testing,ip iproute2 tcpdump tcpdump tshark tshark nft nftables socat socat \
		python3 python3 setpriv util-linux script bsdutils pgrep procps)
	@( $(call install-missing,Comparing,tcptrace tcptrace argus argus-server ra argus-client) ) || \
		echo "Without tcptrace and argus their columns of Docs/compared.md are not checked." >&2

# The captures of the demo, each a story of its own: Traces/README.md tells them.
STORIES := close-by-initiator close-simultaneous open-simultaneous close-wait connection-refused connect-timeout \
	abortive-close time-wait-reuse forged-rst ipv6

demo: setup
	$(SWIFT) build -c release --product postel
	@postel="$$($(SWIFT) build -c release --product postel --show-bin-path)/postel"; \
	run() { printf '\n$$ postel %s\n' "$$*"; "$$postel" "$$@"; }; \
	run replay $(STORIES:%=Traces/%/A.pcap); \
	run replay --show transitions $(STORIES:%=Traces/%/A.pcap)

test: setup-tests
	python3 Traces/make-traces.py --check >/dev/null
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip Long $(TESTFLAGS)

test-long: setup-tests
	@$(call install-missing,Counting instructions,cc gcc strip binutils valgrind valgrind)
	$(SWIFT) build --build-tests
	Tests/Benchmarks/check-costs
	Tests/Benchmarks/check-verify prose endless-lines endless-sentence endless-word endless-glossary parentheses
	# Alone, before the machine is busy: the live ones watch two kernels' clocks.
	POSTEL_LONG=1 $(SWIFT) test --skip-build --filter LongLive $(TESTFLAGS)
	POSTEL_LONG=1 $(SWIFT) test --skip-build --filter Long --skip LongLive $(TESTFLAGS)

record: setup-tests
	$(SWIFT) build --build-tests
	RECORD=1 $(SWIFT) test --skip-build --skip Long $(TESTFLAGS)

bench: setup
	@$(call install-missing,The benchmark,cc gcc python3 python3)
	Tests/Benchmarks/run-bench $(BENCHFLAGS)

install: setup
	$(SWIFT) build -c release --static-swift-stdlib --product postel
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$$($(SWIFT) build -c release --static-swift-stdlib --product postel --show-bin-path)/postel" "$(DESTDIR)$(PREFIX)/bin/postel"

traces: setup-tests
	Traces/make-traces.py

clean:
	$(SWIFT) package clean
	rm -rf .build/bench
