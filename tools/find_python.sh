#!/bin/sh
# Print a Python that can build the environment, or say in one sentence what was found and what is needed.
#
# usage: find_python.sh [PYTHON]     a PYTHON that is named is used or refused, never replaced by another
#
# Each candidate is run, not just looked up: version managers leave commands on the path that only fail.

least=12
found=''

version_of() {
    "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null </dev/null | head -n 1
}

note() {
    found="${found:+$found, }$1"
}

if [ -n "$1" ]; then
    set -- "$1"
else
    # Under pyenv every command fails when its chosen version is missing, though another may be there.
    set -- python3 python3.13 python3.14 python3.12 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3
fi

for python in "$@"; do
    if ! command -v "$python" >/dev/null 2>&1; then
        [ $# -gt 1 ] || note "$python (no such command)"
        continue
    fi
    version=$(version_of "$python")
    case $version in
        3.*) minor=${version#3.}; minor=${minor%%.*} ;;
        [0-9]*) minor=0 ;;
        *) note "$python (does not run)"; continue ;;
    esac
    if ! [ "$minor" -ge "$least" ] 2>/dev/null; then
        note "$python (Python $version)"
        continue
    fi
    # Debian ships python3 without these two; only its package python3-venv brings them.
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 </dev/null; then
        note "$python (Python $version without the venv and ensurepip modules)"
        continue
    fi
    printf '%s\n' "$python"
    exit 0
done

printf 'evsiting needs Python 3.%s or newer with its venv module (on Debian and Ubuntu: the package python3-venv), but found only %s; install one, or name one with PYTHON=/path/to/python3.\n' \
    "$least" "${found:-no Python at all}" >&2
exit 1
