# Sourced by the comparisons: where results go, and how they become a table.
#
#   KEEP=FILE   append results to it; otherwise they begin anew
#   OUT=FILE    where the table goes, instead of benches/README.md; made if it is not there

results=${KEEP:-$work/$(basename "$0").jsonl}
out=${OUT:-benches/README.md}
[[ -n ${KEEP:-} ]] || rm -f "$results"

# Runs rtmp-bench against the server that was started. A result with losses is a result: rtmp-bench ends with 1 then.
load() { # subcommand arguments...
  local command=$1
  shift
  "${on_load[@]}" "$bench" "$command" --url "rtmp://127.0.0.1:$port/live/x" --pid "$pid" --json "$results" "$@" || [[ $? -eq 1 ]]
}

# Writes all results between the markers of the tag.
write_table() { # tag arguments of `rtmp-bench report`...
  local tag=$1
  shift
  "$bench" report "$results" --into "$out" --tag "$tag" "$@"
  echo "written: $out, $tag"
}
