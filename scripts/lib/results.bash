# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Results of tests of every kind, in the file $results: a line each, SUITE <tab> VERDICT <tab> NAME <tab> WHY,
# where the verdict is passed, failed or skipped.

: "${results:?}"

# record SUITE VERDICT NAME [WHY]
record() {
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-}" >>"$results"
}

# check SUITE NAME COMMAND…: one test, which passes if the command succeeds. What it printed is shown if not.
check() {
	local suite=$1 name=$2 output

	shift 2
	if output=$("$@" 2>&1 </dev/null); then
		record "$suite" passed "$name"
		echo "passed: $suite: $name"
	else
		record "$suite" failed "$name"
		printf 'FAILED: %s: %s\n%s\n' "$suite" "$name" "$output"
	fi
}

has_failed() {
	cut -f 2 "$results" | grep -qx failed
}

# One line a suite; what was skipped, and why; what failed; and last, over all suites, the counts alone.
print_summary() {
	awk -F '\t' '
		{ if (!seen[$1]++) suites[++n] = $1; count[$1, $2]++; total[$2]++ }
		$2 == "skipped" { skipped = skipped "skipped: " $1 ": " $3 ($4 ? " (" $4 ")" : "") "\n" }
		$2 == "failed" { failed = failed "FAILED: " $1 ": " $3 ($4 ? " (" $4 ")" : "") "\n" }
		function counts(p, f, s) { return p + 0 " passed, " f + 0 " failed, " s + 0 " skipped" }
		END {
			printf "%s%s\n", skipped, failed
			for (i = 1; i <= n; i++)
				print suites[i] ": " counts(count[suites[i], "passed"],
					count[suites[i], "failed"], count[suites[i], "skipped"])
			print counts(total["passed"], total["failed"], total["skipped"])
		}' "$results"
}
