# Sourced by the comparisons: builds the programs, and decides where and how urgently server and load run.
#
#   $bench, $mini          the programs
#   "${on_server[@]}"      runs what follows on the processor of the server
#   "${on_load[@]}"        and on that of the load

target=${CARGO_TARGET_DIR:-$PWD/target}
work=$target/compare
mkdir -p "$work"

# place PROCESSORS-OF-SERVER PROCESSORS-OF-LOAD, as lists for taskset
place() {
  on_server=(taskset -c "$1") on_load=(taskset -c "$2")
  if [[ -n ${PRIORITY:-} ]]; then
    # Niceness works within a session only, and between sessions by the niceness of their group (sched(7), autogroup).
    local favoured=(setsid nice -n "$PRIORITY" bash -c 'echo "$0" >/proc/self/autogroup; exec "$@"' "$PRIORITY")
    on_server=("${favoured[@]}" "${on_server[@]}") on_load=("${favoured[@]}" "${on_load[@]}")
  fi
}

if [[ $(nproc) -ge 2 ]]; then place 0 1; else
  place 0 0
  echo 'One processor only: server and load fight for it, so nothing but the order of the servers means anything.'
fi

[[ -n ${BIN:-} ]] || cargo build --quiet --release -p rtmp-examples --bin mini-server --bin rtmp-bench
bench=${BIN:-$target/release}/rtmp-bench
mini=${BIN:-$target/release}/mini-server
ulimit -n "$(ulimit -Hn)"
