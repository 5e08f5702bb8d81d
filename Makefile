# Permiso's build.
#
#	make		build/permiso
#	make run	everything, here, now: database, provider, demo app
#	make test	every test; the last line counts them
#	make check	unit tests, corpus replay, lints: seconds
#
# One Makefile, explicit lists: a new .c that is in none fails `make check`.
# BUILD names the build folder, CC the compiler, SANITIZE=address,undefined a
# sanitized build (in a folder of its own).

# ---------------------------------------------------------------- settings

CC	= cc
BUILD	= build
# `make V=1` shows the commands
ifeq ($(V),)
.SILENT:
endif
comma	= ,
ifneq ($(SANITIZE),)
BUILD	= build-$(subst $(comma),-,$(SANITIZE))
SAN	= -fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
	  -fno-omit-frame-pointer
HARDEN	= -fPIE
else
HARDEN	= -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	  -fstack-clash-protection -fPIE
endif
PKGS	= libpq jansson libcrypto libssl libcbor libcurl libqrencode zlib
OPT	= -O2 -g
WARN	= -std=c11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	  -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wsign-compare \
	  -Wswitch-enum -Wwrite-strings -Wvla -Wformat=2 -Wundef \
	  -Wno-string-concatenation -Wno-missing-field-initializers
ALL_CFLAGS := $(OPT) $(WARN) $(HARDEN) -D_GNU_SOURCE -Isrc -Itests -I$(BUILD)/gen \
	  $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(SAN) $(CFLAGS)
ALL_LDFLAGS := -pie -rdynamic -Wl,-z,relro,-z,now $(SAN) $(LDFLAGS)
ALL_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread -ldl -lm

# ------------------------------------------------------------------ sources
# One line a file, in alphabetical order.

base = \
	base_aead \
	base_arena \
	base_base64url \
	base_buffer \
	base_bytes \
	base_clock \
	base_config \
	base_config_value \
	base_hash \
	base_hex \
	base_keyring \
	base_log \
	base_poll \
	base_random \
	base_sandbox \
	base_seal \
	base_utf8 \
	base_uuid

jose = \
	jose_jwk_set \
	jose_jws \
	jose_key \
	jose_key_jwk

webauthn = \
	webauthn \
	webauthn_attestation \
	webauthn_authdata \
	webauthn_authenticate \
	webauthn_cbor \
	webauthn_challenge \
	webauthn_client_data \
	webauthn_cose \
	webauthn_counter \
	webauthn_json \
	webauthn_options \
	webauthn_register \
	webauthn_response \
	webauthn_signature \
	webauthn_verdict

account = \
	account_device \
	account_link \
	account_passkey \
	account_secret \
	account_session \
	account_text \
	account_user

oidc = \
	oidc \
	oidc_auth \
	oidc_claims \
	oidc_client \
	oidc_code \
	oidc_error \
	oidc_hint \
	oidc_id_token \
	oidc_logout \
	oidc_metadata \
	oidc_pack \
	oidc_pkce \
	oidc_registration \
	oidc_request \
	oidc_request_judge \
	oidc_response \
	oidc_token \
	oidc_token_request

store = \
	store \
	store_actor \
	store_audit \
	store_caller \
	store_cell \
	store_cleanup \
	store_client \
	store_consent \
	store_gather \
	store_grant \
	store_hosts \
	store_installation \
	store_keyring \
	store_link \
	store_migrate \
	store_outbox \
	store_own \
	store_passkey \
	store_passkey_own \
	store_people \
	store_place \
	store_postgres \
	store_result \
	store_roles \
	store_runner \
	store_runner_connection \
	store_session \
	store_signing_key \
	store_statements \
	store_sync \
	store_user \
	store_user_access \
	store_user_admin

signer = \
	signer \
	signer_auth \
	signer_client \
	signer_keys \
	signer_listener \
	signer_sandbox \
	signer_token

web = \
	web \
	web_accept \
	web_address \
	web_asset \
	web_batch \
	web_browser \
	web_cookie \
	web_csrf \
	web_exchange \
	web_form \
	web_gzip \
	web_html \
	web_input \
	web_json \
	web_keys \
	web_limit \
	web_message \
	web_message_choose \
	web_message_parse \
	web_page \
	web_process \
	web_qr \
	web_rate \
	web_reply \
	web_router \
	web_template \
	web_template_check \
	web_template_parse \
	web_url

endpoints = \
	endpoints \
	endpoints_authorize \
	endpoints_discovery \
	endpoints_jwks \
	endpoints_logout \
	endpoints_token \
	endpoints_token_code \
	endpoints_token_refresh \
	endpoints_userinfo

signin = \
	signin \
	signin_consent \
	signin_home \
	signin_link \
	signin_login \
	signin_logout \
	signin_offer \
	signin_passkey \
	signin_setup

settings = \
	settings \
	settings_app \
	settings_audit \
	settings_form \
	settings_list \
	settings_openapi \
	settings_page \
	settings_passkey \
	settings_problem \
	settings_profile \
	settings_session \
	settings_user \
	settings_user_access \
	settings_user_ask

jobs = \
	jobs \
	jobs_letter \
	jobs_mail \
	jobs_message \
	jobs_smtp

# Plain C; what includes Kore's headers is server_kore, linked by name because
# Kore looks some of it up at run time.
server = \
	server_config \
	server_guard \
	server_routes

server_kore = \
	server \
	server_body \
	server_linger \
	server_log \
	server_loop \
	server_parent \
	server_request \
	server_sandbox \
	server_tls \
	server_worker

supervisor = \
	supervisor \
	supervisor_backoff \
	supervisor_child \
	supervisor_database \
	supervisor_role

cli = \
	cli \
	cli_apply \
	cli_audit \
	cli_check \
	cli_client \
	cli_keys \
	cli_login_link \
	cli_mail \
	cli_migrate \
	cli_secret \
	cli_user \
	cli_version

# What unit tests link in place of the real thing.
support = \
	account_fixture \
	asker \
	fake_keys \
	fake_runner \
	fake_signer \
	fake_store \
	forge \
	forge_assert \
	postgres \
	signin_rows \
	vector \
	visit

# Programs that tests start, with Kore and an engine of their own.
support_programs = \
	memory_search \
	render_page

support_kore = \
	framing_server

# Unit tests: tests/FOLDER/NAME.c
TESTS = \
	account/test_account_user \
	account/test_account_values \
	base/test_base_config \
	base/test_base_log \
	base/test_base_memory \
	base/test_base_poll \
	base/test_base_sandbox \
	base/test_base_seal \
	base/test_base_text \
	cli/test_cli \
	cli/test_cli_keys \
	endpoints/test_endpoints \
	jobs/test_jobs_letter \
	jobs/test_jobs_message \
	jobs/test_jobs_smtp \
	jose/test_jose_jws \
	jose/test_jose_key \
	oidc/test_oidc_auth \
	oidc/test_oidc_claims \
	oidc/test_oidc_client \
	oidc/test_oidc_code \
	oidc/test_oidc_pkce \
	oidc/test_oidc_registration \
	oidc/test_oidc_request \
	oidc/test_oidc_request_judge \
	oidc/test_oidc_response \
	oidc/test_oidc_token \
	server/test_server_config \
	server/test_server_guard \
	settings/test_settings \
	signer/test_signer \
	signer/test_signer_token \
	signin/test_signin \
	signin/test_signin_login \
	store/test_store_account \
	store/test_store_account_race \
	store/test_store_audit \
	store/test_store_call \
	store/test_store_cleanup \
	store/test_store_grant \
	store/test_store_hosts \
	store/test_store_keys \
	store/test_store_migrate \
	store/test_store_outbox \
	store/test_store_own \
	store/test_store_people \
	store/test_store_runner \
	store/test_store_runner_gather \
	store/test_store_statements \
	store/test_store_sync \
	store/test_store_user_admin \
	supervisor/test_supervisor \
	supervisor/test_supervisor_backoff \
	web/test_web_address \
	web/test_web_cookie \
	web/test_web_exchange \
	web/test_web_form \
	web/test_web_message \
	web/test_web_page \
	web/test_web_rate \
	web/test_web_template \
	webauthn/test_webauthn_attestation \
	webauthn/test_webauthn_authdata \
	webauthn/test_webauthn_cbor \
	webauthn/test_webauthn_challenge \
	webauthn/test_webauthn_client_data \
	webauthn/test_webauthn_cose \
	webauthn/test_webauthn_fault \
	webauthn/test_webauthn_identity \
	webauthn/test_webauthn_json \
	webauthn/test_webauthn_options \
	webauthn/test_webauthn_signature \
	webauthn/test_webauthn_vectors

# Tests that kill, stop and restart things: part of `make test` only.
FAULTS = \
	jobs/test_jobs \
	store/test_store_runner_faults

# Fuzz targets: tests/fuzz/fuzz_NAME.c with corpus/NAME
FUZZ = \
	authdata \
	authentication \
	base64url \
	cbor \
	claims \
	client_data \
	cookie \
	form \
	guard \
	json \
	jws \
	message \
	redirect \
	registration \
	request \
	template \
	token

# ----------------------------------------------------------------- archives
# Objects of a folder go into an archive of its own; programs and tests link
# all of them and take what they need, so a test's fake, which comes first,
# takes the place of the real one.

FOLDERS	= cli supervisor server jobs settings signin endpoints web signer store oidc \
	  account webauthn jose base
ARCHIVES = $(foreach f,$(FOLDERS),$(if $($(f)),$(BUILD)/lib$(f).a))

# Made at build time: what assets/ holds.
web_made = $(BUILD)/gen/web_asset_data.o

define archive
$(BUILD)/lib$(1).a: $($(1):%=$(BUILD)/src/$(1)/%.o) $($(1)_made)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(if $($(f)),$(eval $(call archive,$(f)))))

# The migrations, in the program.
$(BUILD)/gen/store_schema.c: src/tools/tools_schema.sh \
    $(sort $(wildcard schema/*.sql))
	@mkdir -p $(@D)
	src/tools/tools_schema.sh $(filter %.sql,$^) > $@.new
	mv $@.new $@

$(BUILD)/gen/store_schema.o: $(BUILD)/gen/store_schema.c
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libstore.a: $(BUILD)/gen/store_schema.o

$(BUILD)/libsupport.a: $(support:%=$(BUILD)/tests/support/%.o)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# ------------------------------------------------------------------- server
# Kore from Debian's source, repaired (src/server/kore/README.md).  Its pools
# misalign what they hold, so the alignment check leaves it out.

KORE	= $(BUILD)/kore
KORE_CC	= $(CC) -g $(HARDEN) -I$(abspath src) $(SAN) \
	  $(if $(SAN),-fno-sanitize=alignment)
KORE_FIXES = $(sort $(wildcard src/server/kore/fixes/*.pl))
SERVER_OBJECTS = $(server_kore:%=$(BUILD)/src/server/%.o)
SERVER	= $(SERVER_OBJECTS) $(KORE)/libkore.a
FRAMING	= $(support_kore:%=$(BUILD)/tests/support/%)

$(KORE)/libkore.a: $(KORE_FIXES) src/server/kore/build.sh \
		src/server/kore/fix.pl src/server/kore/SHA256SUMS \
		$(wildcard src/server/*.h)
	CC="$(KORE_CC)" KORE_SKIP="$(KORE_SKIP)" src/server/kore/build.sh $(KORE)

# For tests/support/kore_fixes.sh, which builds it with a repair left out.
kore_flags:
	@echo "$(KORE_CC)"
framing_link:
	@echo "$(CC) $(ALL_LDFLAGS) $(FRAMING).o -Wl,--start-group" \
	    "$(SERVER_OBJECTS) KORE $(ARCHIVES) -Wl,--end-group $(ALL_LIBS)"
.PHONY: kore_flags framing_link

$(SERVER_OBJECTS) $(FRAMING:%=%.o): $(KORE)/libkore.a
$(SERVER_OBJECTS) $(FRAMING:%=%.o): ALL_CFLAGS += -DKORE_SINGLE_BINARY \
	-isystem $(KORE)/source/include/kore

# The program.
$(BUILD)/permiso: $(BUILD)/src/main.o $(SERVER) $(ARCHIVES)
	$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(SERVER) $(ARCHIVES) \
	    -Wl,--end-group $(ALL_LIBS)

# Programs that tests start.
HELPERS	= $(support_programs:%=$(BUILD)/tests/support/%)

# Kore and our side of it, with an engine of the test's own.
$(FRAMING): %: %.o $(SERVER) $(ARCHIVES)
	$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(SERVER) $(ARCHIVES) \
	    -Wl,--end-group $(ALL_LIBS)

# ------------------------------------------------------------------- assets
# A program of ours packs assets/ into one C file.

PACK	= $(BUILD)/tools/pack_assets

$(PACK): $(BUILD)/src/tools/pack_assets.o $(BUILD)/src/tools/pack_minify.o \
    $(BUILD)/libbase.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS) -lbrotlienc

$(BUILD)/gen/web_asset_data.c: $(PACK) $(shell find assets)
	@mkdir -p $(@D)
	$(PACK) assets $@.new
	mv $@.new $@

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# -------------------------------------------------------------------- tests

TEST_BINS = $(TESTS:%=$(BUILD)/tests/%)
FAULT_BINS = $(FAULTS:%=$(BUILD)/tests/%)
SUPPORT	= $(if $(support),$(BUILD)/libsupport.a)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPPORT) $(ARCHIVES)
	$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(SUPPORT) $(ARCHIVES) \
	    -Wl,--end-group $(ALL_LIBS) -lcmocka -ljwt

# Tests of the real runner and signer: without the archive of the fakes.
RUNNER_TESTS = $(BUILD)/tests/signer/test_signer \
	  $(BUILD)/tests/store/test_store_runner \
	  $(BUILD)/tests/store/test_store_runner_gather \
	  $(BUILD)/tests/store/test_store_runner_faults
$(RUNNER_TESTS): SUPPORT = $(BUILD)/tests/support/asker.o \
	  $(BUILD)/tests/support/postgres.o

.PRECIOUS: $(BUILD)/%.o

unit: $(TEST_BINS)
	@for t in $(TEST_BINS); do echo "== $$t"; $$t || exit 1; done

# ----------------------------------------------------- fuzzing, replay, lints

FUZZ_BINS = $(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%)
$(FUZZ_BINS): %: %.o $(BUILD)/tests/fuzz/replay.o $(SUPPORT) $(ARCHIVES)
	$(CC) $(ALL_LDFLAGS) -o $@ $*.o $(BUILD)/tests/fuzz/replay.o \
	    -Wl,--start-group $(SUPPORT) $(ARCHIVES) -Wl,--end-group \
	    $(ALL_LIBS)

# Everything that tests start.
programs: all $(TEST_BINS) $(FAULT_BINS) $(FUZZ_BINS) $(BENCH_BINS) $(FRAMING) \
	    $(HELPERS)

RUN_TESTS = BUILD=$(BUILD) CC=$(CC) UNIT="$(TEST_BINS)" \
	  FAULTS="$(FAULT_BINS)" FUZZ="$(FUZZ_BINS)" \
	  tests/run.sh

check: programs compile_commands.json
	@$(RUN_TESTS) check

# What parts of the program cost: tests/bench/bench_NAME.c
BENCH_BINS = $(BUILD)/tests/bench/bench_floor \
	  $(BUILD)/tests/bench/bench_load \
	  $(BUILD)/tests/bench/bench_signer \
	  $(BUILD)/tests/bench/bench_store \
	  $(BUILD)/tests/bench/bench_webauthn
# The real signer and store, without the archive of the fakes.
$(BUILD)/tests/bench/bench_signer: SUPPORT =
$(BUILD)/tests/bench/bench_store: SUPPORT = $(BUILD)/tests/support/postgres.o
$(BENCH_BINS): %: %.o $(SUPPORT) $(ARCHIVES)
	$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(SUPPORT) $(ARCHIVES) \
	    -Wl,--end-group $(ALL_LIBS)

# `make fuzz FUZZ=form SECONDS=600`: each target in turn, with libFuzzer.
SECONDS	= 60
fuzz:
	@conf/dev/deps.sh test
	@for f in $(FUZZ); do $(MAKE) --no-print-directory CC=clang \
	    BUILD=build-fuzz SANITIZE=fuzzer-no-link,address,undefined \
	    build-fuzz/libfuzzer/$$f && mkdir -p build-fuzz/found/$$f && \
	    build-fuzz/libfuzzer/$$f -max_total_time=$(SECONDS) -timeout=10 \
	    -rss_limit_mb=2048 -artifact_prefix=build-fuzz/found/$$f- \
	    $(if $(wildcard tests/fuzz/dict),$$(test ! -e \
	    tests/fuzz/dict/$$f.dict || echo -dict=tests/fuzz/dict/$$f.dict)) \
	    build-fuzz/found/$$f tests/fuzz/corpus/$$f || exit 1; done

$(BUILD)/libfuzzer/%: $(BUILD)/tests/fuzz/fuzz_%.o $(SUPPORT) $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< -Wl,--start-group \
	    $(SUPPORT) $(ARCHIVES) -Wl,--end-group $(ALL_LIBS)

# Clang's static checks over what we wrote (.clang-tidy).  One file a process:
# clang-tidy 14 sees faults in the second one that are not there.
tidy: compile_commands.json $(BUILD)/gen/web_asset_data.c
	@conf/dev/deps.sh tidy
	@printf '%s\n' $(filter-out tests/%,$(SOURCES)) | \
	    xargs -P "$$(nproc)" -n 1 clang-tidy --quiet -p .

# ------------------------------------------------------- everything, here, now
# Root does it as a user of its own: conf/dev/as_user.sh.

ifeq ($(shell id -u),0)
run test test-long:
	@conf/dev/deps.sh $(if $(filter run,$@),run,test)
	@conf/dev/as_user.sh $@
else
run:
	@conf/dev/deps.sh run
	@$(MAKE) --no-print-directory -j2 all
	@exec conf/dev/run.sh $(BUILD)

test:
	@conf/dev/deps.sh test
	@$(MAKE) --no-print-directory -j2 programs tests/node_modules \
	    compile_commands.json
	@$(RUN_TESTS) test

test-long:
	@conf/dev/deps.sh test
	@$(MAKE) --no-print-directory -j2 programs tests/node_modules
	@$(RUN_TESTS) long
endif

# Root measures in place: only root may see how much memory a hidden process has.
bench:
	@conf/dev/deps.sh test
	@$(MAKE) --no-print-directory -j2 programs $(BENCH_BINS) \
	    tests/node_modules
	@BUILD=$(BUILD) tests/bench/bench.sh

deps:
	@conf/dev/deps.sh run
	@conf/dev/deps.sh test

tests/node_modules: tests/package.json tests/package-lock.json
	cd tests && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# The database of `make run`, brought up to date.
migrate: all
	@conf/dev/run.sh $(BUILD) migrate

# ------------------------------------------------------------------ install

PREFIX	= /usr/local
# 0711: a program that cannot be read is never dumpable.
install: all
	install -D -m 0711 $(BUILD)/permiso $(DESTDIR)$(PREFIX)/bin/permiso
	install -D -m 0640 conf/permiso.conf \
	    $(DESTDIR)$(PREFIX)/share/permiso/permiso.conf
	for f in $(wildcard conf/systemd/*); do install -D -m 0644 $$f \
	    $(DESTDIR)$(PREFIX)/share/permiso/systemd/$${f##*/}; done

# For editors and clang-tidy: one entry a source file.
SOURCES	= $(wildcard src/*.c) $(foreach f,$(FOLDERS),$($(f):%=src/$(f)/%.c)) \
	  $(TESTS:%=tests/%.c) $(FAULTS:%=tests/%.c) $(support:%=tests/support/%.c)
compile_commands.json: Makefile
	@{ echo '['; sep=; for s in $(SOURCES); do \
	    printf '%s{"directory":"%s","file":"%s","command":"%s"}' \
	    "$$sep" "$(CURDIR)" "$$s" \
	    '$(subst ",\",$(CC) $(ALL_CFLAGS)) -c '"$$s"; sep=',\n'; \
	    done; echo ']'; } | sed 's/\\n/\n/g' > $@

all: $(ARCHIVES) $(BUILD)/permiso
build: all
.DEFAULT_GOAL := all
.PHONY: all bench build check clean deps fuzz install migrate programs run \
	test test-long tidy unit

clean:
	rm -rf build build-* compile_commands.json

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
