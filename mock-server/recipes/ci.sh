#!/bin/sh
# Runs a test program beside a sandbox of its own: what every CI recipe calls.
#
#     mock-server/recipes/ci.sh COMMAND [ARGUMENT…]
#
# The command finds the sandbox's address in SANDBOX_URL; its exit code is this script's. When it
# fails, the sandbox's log and the journal of each of its spaces stay as artefacts.
#
#   LINGMINBAN_SANDBOX_BIN          the program; built from this repository when not set
#   LINGMINBAN_SANDBOX_ARTEFACTS    folder of the artefacts; sandbox-artefacts when not set
#   LINGMINBAN_SANDBOX_ADMIN_TOKEN  guards the control interface when set
#
# Exit codes of its own: 64 no command, 69 the sandbox cannot be built or does not get ready.
#
# Kept to what POSIX says of sh, so that Debian's dash and Git Bash on Windows run it too.
set -eu

kit=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
artefacts=${LINGMINBAN_SANDBOX_ARTEFACTS:-sandbox-artefacts}
scratch=
sandbox=

say() {
    printf 'ci.sh: %s\n' "$*" >&2
}

# Stops what was started, whatever way this ends.
clean_up() {
    stop_sandbox
    [ -z "$scratch" ] || rm -rf "$scratch"
}

stop_sandbox() {
    [ -n "$sandbox" ] || return 0
    kill "$sandbox" 2>/dev/null || say "沙箱已提前退出 / the sandbox had ended before it was told to"
    wait "$sandbox" 2>/dev/null || true
    sandbox=
}

# Cargo knows best where it puts what it builds.
build() {
    say "编译沙箱 / building the sandbox"
    cargo build --manifest-path "$kit/Cargo.toml" --locked -p lingminban-sandbox \
        --bin lingminban-sandbox --message-format json-render-diagnostics >"$scratch/built.json" ||
        return 1
    # Windows writes its separators doubled here.
    program=$(sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$scratch/built.json" |
        tail -n 1 | sed 's/\\\\/\//g')
}

# Waits for 30 seconds, a second at a time: one that died at start will never be ready.
wait_ready() {
    tries=30
    until "$program" wait-ready --port-file "$scratch/port" --timeout 1s 2>"$scratch/waiting.log"; do
        kill -0 "$sandbox" 2>/dev/null || return 1
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ]; then
            cat "$scratch/waiting.log" >&2
            return 1
        fi
    done
}

# Ends by itself when nobody asks for long: a CI that kills a job leaves nothing behind.
start() {
    "$program" serve --port 0 --port-file "$scratch/port" --exit-when-idle 30m \
        >"$scratch/ready.json" 2>"$scratch/sandbox.log" &
    sandbox=$!
    wait_ready || return 1
    SANDBOX_URL="http://127.0.0.1:$(cat "$scratch/port")"
    export SANDBOX_URL
}

# The token goes by way of stdin: everybody on the machine can read a command line.
ask() {
    {
        [ -z "${LINGMINBAN_SANDBOX_ADMIN_TOKEN:-}" ] ||
            printf 'header = "Authorization: Bearer %s"\n' "$LINGMINBAN_SANDBOX_ADMIN_TOKEN"
    } | curl --config - --silent --show-error --fail --noproxy '*' "$@"
}

# The names of all spaces; snapshots name theirs a second time.
spaces() {
    page=
    while :; do
        ask "$SANDBOX_URL/sandbox/v1/spaces?page_size=200$page" >"$scratch/spaces.json" || return 1
        tr ',' '\n' <"$scratch/spaces.json" | sed -n 's/.*"space_id":"\([^"]*\)".*/\1/p' | sort -u
        page=$(sed -n 's/.*"next_page_token":"\([^"]*\)".*/\&page_token=\1/p' "$scratch/spaces.json")
        [ -n "$page" ] || return 0
    done
}

# A test deletes its space when it passed: what is left is what somebody wants to look at.
collect() {
    mkdir -p "$artefacts"
    cp "$scratch/sandbox.log" "$artefacts/"
    if ! command -v curl >/dev/null 2>&1; then
        say "没有 curl，未收集日志 / there is no curl here: no journal is collected"
        return 0
    fi
    for space in $(spaces); do
        ask --output "$artefacts/$space.jsonl" \
            "$SANDBOX_URL/sandbox/v1/spaces/$space/journal/export?format=jsonl" ||
            say "空间日志无法导出 / the journal of $space cannot be had"
    done
    say "日志已存于 / log and journals are in $artefacts"
}

if [ $# -eq 0 ]; then
    say "用法 / usage: ci.sh COMMAND [ARGUMENT…]"
    exit 64
fi
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
scratch=$(mktemp -d)

program=${LINGMINBAN_SANDBOX_BIN:-}
if [ -z "$program" ] && ! build; then
    say "沙箱无法编译 / the sandbox cannot be built"
    exit 69
fi
if ! start; then
    say "沙箱未能就绪 / the sandbox does not get ready; its log:"
    cat "$scratch/sandbox.log" >&2
    exit 69
fi
code=0
"$@" || code=$?
if [ "$code" -ne 0 ]; then
    say "测试失败 / the tests failed with code $code"
    collect
fi
exit "$code"
