# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian packages by name: those that are missing are installed, nothing else is touched.

# shellcheck disable=SC2034 # used by the scripts
build_packages=(gcc libc6-dev linux-libc-dev meson ninja-build pkg-config clang bpftool
	libbpf-dev libxdp-dev libyaml-dev libjson-c-dev libsmartcols-dev libpcap-dev libncurses-dev
	libmicrohttpd-dev libcap-ng-dev libseccomp-dev libcmocka-dev)
# shellcheck disable=SC2034
fuzz_packages=(libclang-rt-dev) # libFuzzer and the sanitizers of clang
# shellcheck disable=SC2034
coverage_packages=(gcovr bats curl jq iproute2 procps python3 python3-yaml tmux util-linux)

missing_packages() {
	local name

	for name; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || echo "$name"
	done
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

# install_packages NAME…
install_packages() {
	local missing log

	mapfile -t missing < <(missing_packages "$@")
	((${#missing[@]})) || return 0
	if ((EUID)); then
		echo "these packages are missing, and only root can install them: ${missing[*]}" >&2
		return 1
	fi
	echo "installing: ${missing[*]}"
	log=$(mktemp)
	# The lists may be old or empty; fetching them is needed only then.
	if ! apt install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 &&
		! { apt update && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
		cat "$log" >&2
		rm "$log"
		return 1
	fi
	rm "$log"
}
