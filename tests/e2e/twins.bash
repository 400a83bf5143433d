# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Two policies, a and b, that pass every packet of the client's, each by a rule and a set of its own, and whose
# tables do not fit each other. Decoys, prefixes that nobody sends from, are dropped, each by its own rule, and
# so is what matches nothing. Their trees of ranges are alike, but in a two thirds of the decoys lie below the
# client's addresses, in b one third: the number that a's ranges give to the client is that of a decoy in b, and
# the other way round. So a packet judged by rules of the one and ranges of the other is counted as `rule-drop`
# or `default-drop`, one judged by a whole policy as `rule-pass`. apply.bats plants such mixtures to show that.

# Where the client sends from.
twin_sources=(198.18.0.0/20 2001:db8:8000::/116)

# decoy_rules FIRST LAST V4 V6: a rule for each N of FIRST to LAST: V4.N.0/24 and 2001:db8:V6NN::/48.
decoy_rules() {
	local i

	for ((i = $1; i <= $2; i++)); do
		printf '  - {name: decoy-%s-%d, from: ["%s.%d.0/24", "2001:db8:%s%02x::/48"], action: drop}\n' \
			"$4" "$i" "$3" "$i" "$4" "$i"
	done
}

# twin_list FILE PREFIX N: N addresses that lie apart, from PREFIX.0.0 on.
twin_list() {
	awk -v prefix="$2" -v n="$3" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "%s.%d.%d\n", prefix, int(i / 128), i % 128 * 2
	}' >"$1"
}

# make_twins FOLDER [N [DECOYS]]: writes a.yaml and b.yaml there, each with a list of N prefixes, at most 32,768, and
# half as many decoys again.
make_twins() {
	local folder=$1 decoys=${3:-60} clients

	printf -v clients '"%s", ' "${twin_sources[@]}"
	twin_list "$folder/a.txt" 100.64 "${2:-1}"
	twin_list "$folder/b.txt" 100.65 "${2:-1}"
	cat >"$folder/a.yaml" <<-YAML
		version: 1
		default: drop
		sources: {aggregate: {ipv6: 128}}
		sets:
		  clients-of-a: [${clients%, }]
		  many: {file: a.txt}
		rules:
		$(decoy_rules 1 "$decoys" 10.1 1)
		$(decoy_rules 1 $((decoys / 2)) 198.19 91)
		  - {name: many-a, from: many, action: drop}
		  - {name: pass-a, from: clients-of-a, protocol: udp, to_port: 9-10, action: pass}
	YAML
	cat >"$folder/b.yaml" <<-YAML
		version: 1
		default: drop
		sources: {aggregate: {ipv6: 128}}
		sets:
		  clients-of-b: [${clients%, }]
		  many: {file: b.txt}
		rules:
		$(decoy_rules "$decoys" "$decoys" 198.19 91)
		  - {name: pass-b, from: clients-of-b, to: [198.51.100.0/24, "2001:db8::/64"], action: pass}
		  - {name: many-b, from: many, action: drop}
		$(decoy_rules 101 $((100 + decoys / 2)) 10.1 2)
		$(decoy_rules 1 $((decoys - 1)) 198.19 92)
	YAML
}
