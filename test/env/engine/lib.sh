# shellcheck shell=bash
# Shared by test/env/engine, test/env/mirror and test/env/aws: where things are, how a detached process is started, known and ended.

if [ "$(id -u)" = 0 ]; then
  STATE=${MKIMAGE_STATE:-/var/lib/mkimage} # what is worth keeping
  RUN=/run/mkimage                         # pids and sockets: nothing in there outlives a boot
else
  STATE=${MKIMAGE_STATE:-$HOME/.local/state/mkimage}
  RUN=$STATE/run
fi

say() { echo "$*" >&2; }

# The environment lacks something: exit 3, with what it is and what mends it.
lacking() {
  say "cannot go on: $1"
  say "remedy: $2"
  exit 3
}

is_root() { [ "$(id -u)" = 0 ]; }
os_id() { (. /etc/os-release 2>/dev/null && echo "${ID:-unknown}"); }
is_debian_or_ubuntu() { case $(os_id) in debian | ubuntu) true ;; *) false ;; esac }
has() { command -v "$1" >/dev/null; }

# at_least 0.34.1 0.19: is the first version the second or newer?
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

# lock NAME: one run at a time; what is started meanwhile must not inherit the lock (see start).
lock() {
  mkdir -p "$STATE/log" "$RUN" || lacking "$STATE and $RUN cannot be made" "make them, or set MKIMAGE_STATE"
  exec 9>"$RUN/$1.lock"
  flock 9
}

# A pid is reused sooner or later; together with the time it was started it is not. Nothing for one that has ended, also
# where no init takes the zombies away, as in most containers.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" {print $20}'; }

# pid_of NAME: the pid of what `start NAME` started, if that very process is still alive.
pid_of() {
  local pid at
  read -r pid at 2>/dev/null <"$RUN/$1.pid" || return 1
  [ -n "$at" ] && [ "$(started_at "$pid")" = "$at" ] && echo "$pid"
}
alive() { pid_of "$1" >/dev/null; }

# start NAME COMMAND...: detached from this shell and its terminal, output in a log file.
start() {
  local name=$1
  shift
  setsid "$@" </dev/null >>"$STATE/log/$name.log" 2>&1 9>&- &
  echo "$! $(started_at $!)" >"$RUN/$name.pid"
}

# stop NAME [SECONDS]: asks, waits, and only then insists.
stop() {
  local pid name=$1 patience=${2:-20}
  if pid=$(pid_of "$name"); then
    kill "$pid"
    for _ in $(seq $((patience * 10))); do
      alive "$name" || break
      sleep 0.1
    done
    if alive "$name"; then kill -9 "$pid"; fi
    say "$name: stopped"
  fi
  rm -f "$RUN/$name.pid"
}

# wait_for NAME SECONDS COMMAND...: until COMMAND succeeds; when NAME dies or time is up, the end of its log.
wait_for() {
  local name=$1 seconds=$2
  shift 2
  for _ in $(seq $((seconds * 10))); do
    if "$@" >/dev/null 2>&1; then return; fi
    alive "$name" || break
    sleep 0.1
  done
  tail -n 15 "$STATE/log/$name.log" >&2
  lacking "$name did not come up" "read $STATE/log/$name.log"
}

# The containerd that our dockerd started, if it runs: it may outlive a dockerd that was killed.
containerd_pid() {
  local pid
  pid=$(cat "$RUN/docker/containerd/containerd.pid" 2>/dev/null) || return 0
  if grep -qsF "$RUN/docker/containerd" "/proc/$pid/cmdline"; then echo "$pid"; fi
}

# apt_missing PACKAGE...: those that are not installed.
apt_missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

apt_install() {
  local log=$STATE/log/apt.log
  export DEBIAN_FRONTEND=noninteractive
  { apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }; } \
    </dev/null >>"$log" 2>&1 9>&- || {
    tail -n 15 "$log" >&2
    lacking "apt-get could not install: $*" "read $log; is the package mirror reachable?"
  }
  # For ./down to name: without options and their values.
  printf '%s\n' "$@" | grep -vE '^-|=|-backports$' >>"$STATE/packages"
}

# with_venv NAME: a Python that can make a venv, for what NAME does.
with_venv() {
  if /usr/bin/python3 -c 'import venv, ensurepip' 2>/dev/null; then return; fi
  { is_debian_or_ubuntu && is_root; } || lacking "there is no Python with venv" "install Python 3.11 or newer"
  say "$1: installing python3-venv from apt"
  apt_install python3-venv
}

# A venv of Debian's own Python that pip fills from a requirements file, every file checked against its sha256.
# venv DIR REQUIREMENTS: made again only when the requirements changed.
venv() {
  local dir=$1 requirements=$2 stamp
  stamp=$(sha256sum <"$requirements")
  if [ "$(cat "$dir/.stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
  rm -rf "$dir"
  /usr/bin/python3 -m venv "$dir"
  "$dir/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$requirements" >&2
  echo "$stamp" >"$dir/.stamp"
}

# free_port FIRST: the first port on 127.0.0.1 from there on where nothing listens.
free_port() {
  local port=$1
  while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}
