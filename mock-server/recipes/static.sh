#!/bin/sh
# Builds the sandbox as one file that needs nothing of the machine it runs on, and proves it.
#
#     mock-server/recipes/static.sh [FOLDER]
#
# Puts lingminban-sandbox into the folder, when one is given. For Linux, with glibc linked in: that
# needs no toolchain beside the usual one, as the musl target does.
set -eu

kit=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
largest=$((20 * 1000 * 1000))
scratch=
sandbox=

clean_up() {
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    [ -z "$scratch" ] || rm -rf "$scratch"
}

fail() {
    printf 'static.sh: %s\n' "$*" >&2
    exit 1
}

# Named even where it is the host's own: only then do the flags leave procedural macros alone, which
# cannot be static.
build() {
    target="$(uname -m)-unknown-linux-gnu"
    # Optimised for size, for some 5 us more on a reading; across all crates at once, which takes off
    # another twelfth and costs a minute. A sum that overflows ends its request, instead of going on wrong.
    RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static" CARGO_PROFILE_RELEASE_OPT_LEVEL=s \
        CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true \
        cargo build --manifest-path "$kit/Cargo.toml" --locked --release --target "$target" \
        -p lingminban-sandbox --bin lingminban-sandbox \
        --message-format json-render-diagnostics >"$scratch/built.json" ||
        fail "无法编译 / it cannot be built"
    built=$(sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$scratch/built.json" | tail -n 1)
}

is_one_small_file() {
    linked=$(ldd "$built" 2>&1 || true)
    case $linked in
    *"statically linked"* | *"not a dynamic executable"*) ;;
    *) fail "并非静态 / it is not static: $linked" ;;
    esac
    size=$(wc -c <"$built")
    [ "$size" -lt "$largest" ] || fail "过大 / it has $size bytes, $largest are allowed"
    printf '%s: %d bytes, static\n' "$built" "$size"
}

# Nothing but itself: no file, where this user may have an empty root, and no environment in any case.
# Each of these programs becomes the next, so that the one that is told to end is the sandbox.
runs_alone() {
    port_file="$scratch/port"
    set -- env -i "$built"
    if [ "$(id -u)" -eq 0 ]; then
        mkdir "$scratch/root"
        cp "$built" "$scratch/root/"
        port_file=/port
        set -- env -i "$(command -v chroot)" "$scratch/root" /lingminban-sandbox
    fi
    "$@" --version
    "$@" serve --port 0 --port-file "$port_file" >/dev/null 2>"$scratch/log" &
    sandbox=$!
    # It asks as any client does, and is answered.
    "$@" wait-ready --port-file "$port_file" --timeout 30s ||
        fail "未能就绪 / it does not get ready: $(cat "$scratch/log")"
    kill "$sandbox"
    wait "$sandbox" || fail "未能正常退出 / it does not end well: $(cat "$scratch/log")"
    sandbox=
    printf 'it serves alone: %s\n' "$*"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
scratch=$(mktemp -d)
build
is_one_small_file
runs_alone
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    cp "$built" "$1/"
    printf '%s\n' "$1/lingminban-sandbox"
fi
