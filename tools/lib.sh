# What the scripts of this folder share; sourced, never run. Sets `root`, the folder of the working tree.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
self=${0##*/}

say() { echo "$self: $*" >&2; }
die() { say "$*"; exit 1; }

# Runs the command as root.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "$1 needs root: run as root, or install sudo"
  fi
}

# The packages of the groups, or of all groups.
packages_of() {
  awk -v groups=" ${*:-} " '!/^#/ && NF == 2 && (groups ~ /^ *$/ || index(groups, " " $1 " ")) { print $2 }' \
    "$root/tools/packages.txt" | sort -u
}

# Compilers at a time: one a core, if each can have a gigabyte. DAYBOOK_JOBS overrides.
jobs_count() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  ((memory >= 1)) || memory=1
  echo "${DAYBOOK_JOBS:-$((cores < memory ? cores : memory))}"
}

# build_preset PRESET [TARGET...]: configures once, then builds; ninja configures again when a CMake file changes.
build_preset() {
  local preset=$1 target targets=()
  shift
  for target; do targets+=(--target "$target"); done
  cd "$root"
  [[ -e build/$preset/build.ninja ]] || cmake --preset "$preset"
  cmake --build --preset "$preset" -j "$(jobs_count)" "${targets[@]}"
}

# --- parts of a test run ---------------------------------------------------------------------------------------------
# A part is a command that prints doctest's summary, or a line of its own "N passed, N failed[, N skipped]"; one that
# prints neither counts as one case by its exit code. 77 means skipped.

parts_passed=0
parts_failed=0
parts_skipped=0
part_logs=$root/build/test-logs
part_limit_s=900  # a program that runs longer hangs: it is aborted, which lets a test binary say in which case it was

# The cases that a part's log speaks of, as "passed failed skipped": its last line's if that is a summary, else the sum
# of all summaries. Test cases that doctest leaves out are children of others, which run them in processes of their own:
# not counted.
count_cases() {
  awk '
    { sub(/^[0-9]+: /, "") }
    /^\[doctest\] test cases:/ { split($0, column, "|"); passed += column[2]; failed += column[3] }
    { is_summary = /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ }
    is_summary { passed += $1; failed += $3; skipped += $5; last = ($1 + 0) " " ($3 + 0) " " ($5 + 0) }
    END { print is_summary ? last : (passed + 0) " " (failed + 0) " " (skipped + 0) }' "$1"
}

# run_part NAME COMMAND...: runs the command, keeps its output in build/test-logs/NAME.log, shows it if it failed, and
# adds its cases to the totals. Always succeeds.
run_part() {
  local name=$1 log=$part_logs/$1.log status=0 started=$SECONDS passed failed skipped
  shift
  mkdir -p "$part_logs"
  [[ $(type -t "$1") == function ]] || set -- timeout --signal=ABRT --kill-after=30 "$part_limit_s" "$@"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  read -r passed failed skipped <<<"$(count_cases "$log")"
  if ((status == 77)) || grep -q '\*\*\*Skipped' "$log"; then
    skipped=$((skipped + 1))
    say "$name was skipped: $(sed -nE 's/^([0-9]+: )?SKIPPED:? *//p' "$log" | head -n 1)"
  elif ((status != 0 && failed == 0)); then
    failed=1
  elif ((status == 0 && failed > 0)); then
    status=1
  elif ((passed + failed + skipped == 0)); then
    passed=1
  fi
  {
    flock 9  # lanes do not write into one another's reports
    if ((failed > 0)); then
      echo "--- $name, exit code $status, its whole output:"
      cat "$log"
      echo "--- end of $name"
    fi
    printf '%-28s %6d passed, %d failed, %d skipped %5d s\n' "$name" "$passed" "$failed" "$skipped" \
      $((SECONDS - started))
  } 9>>"$part_logs/report.lock"
  parts_passed=$((parts_passed + passed))
  parts_failed=$((parts_failed + failed))
  parts_skipped=$((parts_skipped + skipped))
}

# The same for what is no test itself, a build or a check: only its failure counts.
run_step() {
  local passed_before=$parts_passed
  run_part "$@"
  parts_passed=$passed_before
}

# run_lanes FUNCTION...: runs functions that run parts, side by side: many parts wait for the disk most of their time.
run_lanes() {
  local lane lanes=() passed failed skipped
  for lane; do
    (
      parts_passed=0 parts_failed=0 parts_skipped=0
      "$lane"
      echo "$parts_passed $parts_failed $parts_skipped" >"$part_logs/$lane.sums"
    ) &
    lanes+=($!)
  done
  for lane; do
    # A lane that ended without its sums is a failure of this script, not of a part.
    wait "${lanes[0]}" || die "the lane $lane ended with an error"
    lanes=("${lanes[@]:1}")
    read -r passed failed skipped <"$part_logs/$lane.sums"
    parts_passed=$((parts_passed + passed))
    parts_failed=$((parts_failed + failed))
    parts_skipped=$((parts_skipped + skipped))
  done
}

# run_ctest PRESET NAME: one of ctest's tests as a part.
run_ctest() {
  run_part "$1-$2" ctest --test-dir "$root/build/$1" -R "^$2\$" --no-tests=error -V
}

# The names of the preset's ctest tests, one a line.
ctest_names() {
  ctest --test-dir "$root/build/$1" -N | sed -n 's/^ *Test *#[0-9]*: //p'
}

# The last line of a run; fails if a case failed, and in CI also if one was skipped.
finish_parts() {
  echo "$parts_passed passed, $parts_failed failed, $parts_skipped skipped"
  ((parts_failed == 0)) || return 1
  ((parts_passed > 0)) || return 1
  [[ ${CI:-} != true ]] || ((parts_skipped == 0))
}
