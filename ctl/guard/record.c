/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "pin.h"
#include "policy/describe.h"
#include "policy/hash.h"
#include "policy/used_sets.h"
#include <bpf/bpf.h>

#define RECORD_SIZE_MAX (16u << 20)

/* Before the JSON stands its sum: one that has become another sound one is none. */
#define SUM_FORMAT "%016" PRIx64 " "
#define SUM_SIZE 17

void record_free(struct record **record)
{
	struct record *r = *record;

	if (!r)
		return;
	for (size_t i = 0; r->rules && i < r->identity.n_rules; i++)
		free(r->rules[i]);
	free(r->rules);
	for (size_t i = 0; i < r->n_sets; i++) {
		free(r->sets[i].name);
		free(r->sets[i].words);
	}
	free(r->sets);
	identity_free(&r->identity);
	free(r->name);
	free(r->path);
	free(r->settings);
	free(r);
	*record = NULL;
}

static uint64_t wall_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static int describe_rules(const struct policy *policy, struct record *record)
{
	record->rules = calloc(policy->n_rules + 1, sizeof(*record->rules));
	if (!record->rules)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n_rules; i++) {
		record->rules[i] = rule_describe(policy, &policy->rules[i]);
		if (!record->rules[i])
			return -ENOMEM;
	}
	return 0;
}

static int describe_sets(const struct policy *policy, struct record *record)
{
	_cleanup_free_ const struct set **sets = NULL;
	ssize_t n_sets = used_sets(policy, &sets);

	if (n_sets < 0)
		return (int)n_sets;
	record->sets = calloc((size_t)n_sets + 1, sizeof(*record->sets));
	if (!record->sets)
		return -ENOMEM;
	record->n_sets = (size_t)n_sets;
	for (size_t i = 0; i < record->n_sets; i++) {
		struct record_set *set = &record->sets[i];

		set->name = strdup(sets[i]->name);
		set->words = set_describe(sets[i]);
		if (!set->name || !set->words)
			return -ENOMEM;
	}
	return 0;
}

int record_new(const struct policy *policy, struct identity *identity, struct record **ret_record)
{
	_cleanup_(record_free) struct record *record = calloc(1, sizeof(*record));
	int r;

	if (!record)
		return -ENOMEM;
	record->identity = *identity;
	*identity = (struct identity){};
	r = describe_rules(policy, record);
	r = r ?: describe_sets(policy, record);
	if (r < 0)
		return r;
	record->name = strdup(policy->name);
	record->path = realpath(policy->path, NULL) ?: strdup(policy->path);
	record->settings = policy_describe_settings(policy);
	if (!record->name || !record->path || !record->settings)
		return -ENOMEM;
	record->aggregate_ipv4 = policy->aggregate_ipv4;
	record->aggregate_ipv6 = policy->aggregate_ipv6;
	record->hash = policy_hash(policy);
	record->applied_ns = wall_clock_ns();
	*ret_record = take_ptr(record);
	return 0;
}

static int add_number(json_object *json, const char *key, uint64_t number)
{
	return json_add(json, key, json_object_new_uint64(number));
}

static int add_string(json_object *json, const char *key, const char *text)
{
	return json_add(json, key, json_object_new_string(text));
}

static int limit_to_json(const struct limit_identity *limit, json_object *limits)
{
	json_object *json = json_object_new_object();
	int r = json_append(limits, json);

	r = r ?: add_number(json, "id", limit->id);
	r = r ?: add_number(json, "slot", limit->slot);
	r = r ?: add_number(json, "per", limit->per);
	r = r ?: add_number(json, "bits_ipv4", limit->bits_ipv4);
	return r ?: add_number(json, "bits_ipv6", limit->bits_ipv6);
}

static int rule_to_json(const struct rule_identity *rule, const char *words, json_object *rules)
{
	json_object *json = json_object_new_object(), *limits;
	int r = json_append(rules, json);

	r = r ?: add_string(json, "name", rule->name);
	r = r ?: add_string(json, "words", words);
	r = r ?: add_number(json, "slot", rule->slot);
	if (r < 0)
		return r;
	limits = json_object_new_array();
	r = json_add(json, "limits", limits);
	for (size_t i = 0; r == 0 && i < rule->n_limits; i++)
		r = limit_to_json(&rule->limits[i], limits);
	return r;
}

static int rules_to_json(const struct record *record, json_object *json)
{
	json_object *rules = json_object_new_array();
	int r = json_add(json, "rules", rules);

	for (size_t i = 0; r == 0 && i < record->identity.n_rules; i++)
		r = rule_to_json(&record->identity.rules[i], record->rules[i], rules);
	return r;
}

static int sets_to_json(const struct record *record, json_object *json)
{
	json_object *sets = json_object_new_array();
	int r = json_add(json, "sets", sets);

	for (size_t i = 0; r == 0 && i < record->n_sets; i++) {
		json_object *set = json_object_new_object();

		r = json_append(sets, set);
		r = r ?: add_string(set, "name", record->sets[i].name);
		r = r ?: add_string(set, "words", record->sets[i].words);
	}
	return r;
}

static int record_to_json(const struct record *record, json_object *json)
{
	int r = add_string(json, "name", record->name);

	r = r ?: add_string(json, "path", record->path);
	r = r ?: add_number(json, "hash", record->hash);
	r = r ?: add_number(json, "number", record->number);
	r = r ?: add_number(json, "applied_ns", record->applied_ns);
	r = r ?: add_string(json, "settings", record->settings);
	r = r ?: add_number(json, "aggregate_ipv4", record->aggregate_ipv4);
	r = r ?: add_number(json, "aggregate_ipv6", record->aggregate_ipv6);
	r = r ?: add_number(json, "next_limit_id", record->identity.next_limit_id);
	r = r ?: add_number(json, "next_rule_slot", record->identity.next_rule_slot);
	r = r ?: rules_to_json(record, json);
	return r ?: sets_to_json(record, json);
}

static uint64_t get_number(const json_object *json, const char *key)
{
	return json_object_get_uint64(json_object_object_get(json, key));
}

static char *get_string(const json_object *json, const char *key)
{
	json_object *value = json_object_object_get(json, key);

	return json_object_is_type(value, json_type_string) ? strdup(json_object_get_string(value))
							    : NULL;
}

/* False: it is no number from 0 to `max`. */
static bool get_bounded(const json_object *json, const char *key, uint64_t max, uint64_t *ret)
{
	json_object *value = json_object_object_get(json, key);

	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return false;
	*ret = json_object_get_uint64(value);
	return *ret <= max;
}

/* NULL: it is none, or longer. */
static const json_object *get_array(const json_object *json, const char *key, size_t max)
{
	const json_object *array = json_object_object_get(json, key);

	return json_object_is_type(array, json_type_array) && json_object_array_length(array) <= max
		       ? array
		       : NULL;
}

static int limit_from_json(const json_object *json, struct limit_identity *ret_limit)
{
	uint64_t id, slot, per, bits_ipv4, bits_ipv6;

	if (!get_bounded(json, "id", UINT32_MAX, &id) ||
	    !get_bounded(json, "slot", UINT32_MAX, &slot) ||
	    !get_bounded(json, "per", UINT8_MAX, &per) ||
	    !get_bounded(json, "bits_ipv4", UINT8_MAX, &bits_ipv4) ||
	    !get_bounded(json, "bits_ipv6", UINT8_MAX, &bits_ipv6))
		return -EBADMSG;
	*ret_limit = (struct limit_identity){id, slot, per, bits_ipv4, bits_ipv6};
	return 0;
}

static int rule_from_json(const json_object *json, struct rule_identity *rule, char **ret_words)
{
	const json_object *limits = get_array(json, "limits", GUARD_LIMITS_PER_RULE);
	uint64_t slot;
	int r = 0;

	rule->name = get_string(json, "name");
	*ret_words = get_string(json, "words");
	if (!limits || !rule->name || !*ret_words || !get_bounded(json, "slot", UINT32_MAX, &slot))
		return -EBADMSG;
	rule->slot = slot;
	for (; r == 0 && rule->n_limits < json_object_array_length(limits); rule->n_limits++)
		r = limit_from_json(json_object_array_get_idx(limits, rule->n_limits),
				    &rule->limits[rule->n_limits]);
	return r;
}

static int rules_from_json(const json_object *json, struct record *record)
{
	const json_object *rules = get_array(json, "rules", GUARD_RULES_MAX);
	size_t n_rules;
	int r;

	if (!rules)
		return -EBADMSG;
	n_rules = json_object_array_length(rules);
	record->rules = calloc(n_rules + 1, sizeof(*record->rules));
	record->identity.rules = calloc(n_rules + 1, sizeof(*record->identity.rules));
	if (!record->rules || !record->identity.rules)
		return -ENOMEM;
	for (size_t i = 0; i < n_rules; i++) {
		record->identity.n_rules++;
		r = rule_from_json(json_object_array_get_idx(rules, i), &record->identity.rules[i],
				   &record->rules[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* How many there are is bounded by RECORD_SIZE_MAX alone. */
static int sets_from_json(const json_object *json, struct record *record)
{
	const json_object *sets = get_array(json, "sets", SIZE_MAX);
	size_t n_sets;

	if (!sets)
		return -EBADMSG;
	n_sets = json_object_array_length(sets);
	record->sets = calloc(n_sets + 1, sizeof(*record->sets));
	if (!record->sets)
		return -ENOMEM;
	record->n_sets = n_sets;
	for (size_t i = 0; i < n_sets; i++) {
		struct record_set *set = &record->sets[i];
		const json_object *item = json_object_array_get_idx(sets, i);

		set->name = get_string(item, "name");
		set->words = get_string(item, "words");
		if (!set->name || !set->words)
			return -EBADMSG;
	}
	return 0;
}

static int record_from_json(const json_object *json, struct record **ret_record)
{
	_cleanup_(record_free) struct record *record = calloc(1, sizeof(*record));
	int r;

	if (!record)
		return -ENOMEM;
	record->name = get_string(json, "name");
	record->path = get_string(json, "path");
	record->settings = get_string(json, "settings");
	record->aggregate_ipv4 = get_number(json, "aggregate_ipv4");
	record->aggregate_ipv6 = get_number(json, "aggregate_ipv6");
	record->hash = get_number(json, "hash");
	record->number = get_number(json, "number");
	record->applied_ns = get_number(json, "applied_ns");
	record->identity.next_limit_id = get_number(json, "next_limit_id");
	record->identity.next_rule_slot = get_number(json, "next_rule_slot");
	if (!record->name || !record->path || !record->settings || record->aggregate_ipv4 > 32 ||
	    record->aggregate_ipv6 > 128)
		return -EBADMSG;
	r = rules_from_json(json, record);
	r = r ?: sets_from_json(json, record);
	if (r < 0)
		return r;
	if (!identity_is_sound(&record->identity))
		return -EBADMSG;
	*ret_record = take_ptr(record);
	return 0;
}

static void record_path(char path[PATH_MAX], const struct guard *guard, uint32_t slot)
{
	snprintf(path, PATH_MAX, "%s/record_%u", guard->dir, slot);
}

/* The text in the map pinned at `path`. Caller frees. */
static int read_text(const char *path, char **ret_text)
{
	_cleanup_close_ int fd = -1;
	struct bpf_map_info info = {};
	_cleanup_free_ char *text = NULL;
	__u32 size = sizeof(info), zero = 0;
	int r = pin_open(path, false, &fd);

	if (r < 0)
		return r;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return -errno;
	text = calloc(1, (size_t)info.value_size + 1);
	if (!text)
		return -ENOMEM;
	if (bpf_map_lookup_elem(fd, &zero, text) < 0)
		return -errno;
	*ret_text = take_ptr(text);
	return 0;
}

static void record_path_in_force(char path[PATH_MAX], const struct guard *guard)
{
	record_path(path, guard, __atomic_load_n(&guard->memory->active, __ATOMIC_ACQUIRE));
}

/* Each is pinned anew, and no two pins have the same number. */
uint64_t record_stamp(const struct guard *guard)
{
	char path[PATH_MAX];
	struct stat pin;

	record_path_in_force(path, guard);
	return stat(path, &pin) < 0 ? 0 : pin.st_ino;
}

static uint64_t sum_of(const char *json)
{
	return hash_text(HASH_START, json);
}

/* NULL: the text is not as record_write left it. */
static const char *find_json(const char *text)
{
	char *end;
	uint64_t sum = strtoull(text, &end, 16);

	return end == text + SUM_SIZE - 1 && *end == ' ' && sum == sum_of(end + 1) ? end + 1 : NULL;
}

int record_read(const struct guard *guard, struct record **ret_record, struct why *why)
{
	_cleanup_(json_free) json_object *json = NULL;
	_cleanup_free_ char *text = NULL;
	const char *json_text;
	char path[PATH_MAX];
	int r;

	record_path_in_force(path, guard);
	r = read_text(path, &text);
	if (r == -ENOENT)
		return why_set(why, r, "no policy is in force; apply one: xdpguard apply POLICY");
	if (r < 0)
		return guard_explain(why, r, path);
	json_text = find_json(text);
	json = json_text ? json_tokener_parse(json_text) : NULL;
	r = json ? record_from_json(json, ret_record) : -EBADMSG;
	if (r < 0)
		return why_set(why, r,
			       "%s: not a record that this version of xdpguard wrote; take the "
			       "guard off: xdpguard detach --all",
			       path);
	return 0;
}

static int write_text(const char *path, const char *json)
{
	size_t size = (SUM_SIZE + strlen(json) + 8) & ~7ul;
	_cleanup_free_ char *padded = calloc(1, size);
	_cleanup_close_ int fd = -1;
	__u32 zero = 0;

	if (!padded)
		return -ENOMEM;
	if (size > RECORD_SIZE_MAX)
		return -E2BIG;
	snprintf(padded, size, SUM_FORMAT "%s", sum_of(json), json);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "record", sizeof(zero), size, 1, NULL);
	if (fd < 0 || bpf_map_update_elem(fd, &zero, padded, BPF_ANY) < 0)
		return -errno;
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	return pin_make(fd, path);
}

int record_write(const struct guard *guard, uint32_t slot, const struct record *record,
		 struct why *why)
{
	_cleanup_(json_free) json_object *json = json_object_new_object();
	const char *text = NULL;
	char path[PATH_MAX];
	int r = record_to_json(record, json);

	if (r == 0)
		text = json_whole_text(json, JSON_C_TO_STRING_PLAIN);
	record_path(path, guard, slot);
	r = text ? write_text(path, text) : -ENOMEM;
	return r < 0 ? guard_explain(why, r, path) : 0;
}

const char *record_rule_name(const struct record *record, uint32_t slot)
{
	for (size_t i = 0; i < record->identity.n_rules; i++)
		if (record->identity.rules[i].slot == slot)
			return record->identity.rules[i].name;
	return NULL;
}
