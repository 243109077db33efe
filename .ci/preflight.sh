#!/bin/sh
# Prints the Python to build with, or says on stderr what the machine lacks and how Debian brings it, and ends with 1.
#
#   preflight.sh [PYTHON]     the Python given, else the newest of python3.13 to python3.11 and python3 that has all it needs
set -u

missing() {
    printf '%s\n' "okx-gateway cannot be built here: $1" "On Debian: $2" >&2
    exit 1
}

# At least 3.11, and really there (a shim of pyenv may not be).
is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

shown() {
    "$1" -c 'import sys; print("Python %d.%d" % sys.version_info[:2])' 2>/dev/null || echo "not a Python that runs"
}

has_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

includes_of() {
    "$1" -c 'import sysconfig; print(sysconfig.get_path("include"))'
}

has_headers() {
    [ -f "$(includes_of "$1")/Python.h" ]
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'
}

# The Debian package of this Python: python3-dev for Debian's own, else python3.12-dev and the like.
package_of() {
    if [ "$(command -v "$1")" = "$(command -v python3)" ]; then echo "python3-$2"; else echo "python$(version_of "$1")-$2"; fi
}

choose() {
    recent=""
    for candidate in python3.13 python3.12 python3.11 python3; do
        is_recent "$candidate" || continue
        has_venv "$candidate" && has_headers "$candidate" && echo "$candidate" && return
        recent=$candidate
    done
    echo "$recent"
}

if [ -n "${1:-}" ]; then
    python=$1
    command -v "$python" >/dev/null || missing "$python (given as PYTHON) is not there" "apt install python3, and leave PYTHON out"
    is_recent "$python" || missing "$python is $(shown "$python"), and Python 3.11 or newer is needed" "apt install python3 (Debian 12 or newer)"
else
    python=$(choose)
    if [ -z "$python" ]; then
        command -v python3 >/dev/null || missing "there is no Python (python3)" "apt install python3 python3-dev python3-venv"
        missing "python3 is $(shown python3), and Python 3.11 or newer is needed" "apt install python3 (Debian 12 or newer), or: make PYTHON=/path/to/python3.12"
    fi
fi
has_venv "$python" || missing "$python has no venv support (ensurepip)" "apt install $(package_of "$python" venv)"

compiler=${CC:-$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("CC") or "cc")')}
command -v "${compiler%% *}" >/dev/null || missing "there is no C compiler (${compiler%% *})" "apt install gcc libc6-dev"
has_headers "$python" || missing "$python has no headers ($(includes_of "$python")/Python.h)" "apt install $(package_of "$python" dev)"
printf '#include <Python.h>\n#include <dlfcn.h>\n' | $compiler -fsyntax-only -I"$(includes_of "$python")" -x c - 2>/dev/null ||
    missing "${compiler%% *} finds no headers of the C library" "apt install libc6-dev"
command -v "$python"
