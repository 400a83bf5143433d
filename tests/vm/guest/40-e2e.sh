# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/lib.sh
#
# Of tests/e2e, those that hold at any speed: rates against the real clock do not, where the clock goes on while the
# emulated processors wait for the real ones.
. /source/tests/vm/guest/lib.sh
needs_kernel 5.15

export XDPGUARD=/usr/bin/xdpguard FLOOD=/usr/bin/flood COUNT=/usr/bin/count ASK=/usr/bin/ask ANSWER=/usr/bin/answer

tests='^frames behind|^monitor mode|^the same policy again|^detach --all|^an interface that goes'

tap bats --formatter tap --filter "$tests" /source/tests/e2e/{limits,apply,detach,interfaces}.bats
