# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/lib.sh
#
# The packet tests of tests/packet: the program that this kernel's verifier accepted, frame by frame.
. /source/tests/vm/guest/lib.sh
needs_kernel 5.15

# The others take minutes here, and ask nothing more of the kernel: test_rates and test_truncation go through hours
# of injected time and through every length, test_counters and test_contention count what many packets leave.
for name in admission blocks clocks decision events limits match parsing penalties reasons swap; do
	tap "test_$name"
done
