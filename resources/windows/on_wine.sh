#!/usr/bin/env bash
# on_wine.sh PROGRAM.exe ARGS…: runs it on Wine, in this build's own prefix unless WINEPREFIX says
# otherwise. The process that the caller started becomes the program (exec all the way): a signal to
# it is a signal to the program. With HOLDFAST_WINE_OUTPUT=file it stays itself, and the output comes
# at the end, by a file: what Wine starts beside a program can hold a pipe open for ever.
set -euo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
export WINEPREFIX=${WINEPREFIX:-$root/build-mingw/wine}
export WINEDEBUG=${WINEDEBUG:--all}
# No download of Mono or Gecko, no menu entries, and no window unless somebody looks.
export WINEDLLOVERRIDES=${WINEDLLOVERRIDES:-mscoree,mshtml,winemenubuilder.exe=}

# Wine spells names for the system in the locale's characters, and they are of all scripts.
[[ ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} == *[Uu][Tt][Ff]* ]] || export LC_ALL=C.UTF-8

# Debian's `wine` is a script that looks for what there is; 64 bits are what we want.
for loader in /usr/lib/wine/wine64 "$(command -v wine64 || true)" "$(command -v wine || true)"; do
    [[ -x $loader ]] || continue
    [[ ${HOLDFAST_WINE_OUTPUT:-} == file ]] || exec "$loader" "$@"
    output=$(mktemp)
    "$loader" "$@" </dev/null >"$output" 2>&1 && status=0 || status=$?
    cat "$output"
    rm -f "$output"
    exit "$status"
done
echo "on_wine.sh: wine is missing (Debian: wine, wine64)" >&2
exit 127
