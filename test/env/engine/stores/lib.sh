# shellcheck shell=bash
# Shared by ./up and ./down, after ../lib.sh.

STORES=$STATE/stores
SOCKETS=$RUN/stores
KINDS=(classic containerd)

# stop_engine KIND: also the containerd of one that was killed; it would keep the files locked.
stop_engine() {
  local pid
  stop "engine-$1" 60
  pid=$(cat "$SOCKETS/$1/containerd/containerd.pid" 2>/dev/null || true)
  if grep -qs containerd "/proc/${pid:-none}/comm"; then kill -9 "$pid"; fi
  rm -rf "${SOCKETS:?}/$1" "$SOCKETS/$1.sock"
}
