/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_reader.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "guard/blocks.h"

#define NS_PER_S 1000000000ull

/* Waiting for a processor is no work: where there is too little of it, reading does not make it less. */
static uint64_t work_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int count_blocks(const struct view *view, size_t *ret_n, struct why *why)
{
	_cleanup_free_ struct block_entry *entries = NULL;
	size_t n_entries = 0, n = 0;
	int r = blocks_read(view->guard, &entries, &n_entries, why);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n_entries; i++)
		n += block_is_active(&entries[i].block, view->now.units);
	*ret_n = n;
	return 0;
}

static int read_all(struct top_reader *reader)
{
	_cleanup_(source_list_release) struct source_list list = {};
	_cleanup_(view_close) struct view view = {};
	size_t n_blocks = 0;
	int r = view_open(reader->dir, &view, &reader->why);

	if (r == 0)
		r = source_list_read(&view, &reader->query, &reader->look, &list, &reader->why);
	if (r == 0)
		r = count_blocks(&view, &n_blocks, &reader->why);
	if (r == 0)
		r = top_sources_take(&view, &list, &reader->sources);
	reader->sources.n_blocks = n_blocks;
	return r;
}

static void *run(void *data)
{
	struct top_reader *reader = data;
	uint64_t start_ns = work_ns();

	reader->error = read_all(reader);
	reader->sources.took_ns = work_ns() - start_ns;
	eventfd_write(reader->event, 1);
	return NULL;
}

int top_reader_begin(struct top_reader *reader, const char *dir)
{
	*reader = (struct top_reader){
		.dir = dir,
		.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	return reader->event < 0 ? -errno : 0;
}

static void join(struct top_reader *reader)
{
	eventfd_t count;

	if (!reader->is_running)
		return;
	pthread_join(reader->thread, NULL);
	eventfd_read(reader->event, &count);
	reader->is_running = false;
}

int top_reader_start(struct top_reader *reader, enum source_order order,
		     const struct prefix *filter)
{
	sigset_t all, before;
	int r;

	reader->match = filter ? *filter : (struct prefix){};
	reader->query = (struct source_query){
		.order = order,
		.top = TOP_SOURCES_MAX,
		.match = filter ? &reader->match : NULL,
		.has_rates = true,
		.is_stopped = &reader->is_stopped,
	};
	reader->why = (struct why){};
	reader->sources = (struct top_sources){};
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&reader->thread, NULL, run, reader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	reader->is_running = r == 0;
	return -r;
}

int top_reader_take(struct top_reader *reader, struct top_sources *ret_sources, struct why *why)
{
	join(reader);
	if (reader->error < 0)
		return why_set(why, reader->error, "%s",
			       reader->why.text[0] ? reader->why.text : "not enough memory");
	*ret_sources = reader->sources;
	reader->sources = (struct top_sources){};
	return 0;
}

void top_reader_forget(struct top_reader *reader)
{
	__atomic_store_n(&reader->is_stopped, true, __ATOMIC_RELAXED);
	join(reader);
	__atomic_store_n(&reader->is_stopped, false, __ATOMIC_RELAXED);
	top_sources_release(&reader->sources);
	source_look_release(&reader->look);
}

void top_reader_release(struct top_reader *reader)
{
	if (!reader->dir)
		return;
	top_reader_forget(reader);
	closep(&reader->event);
}

uint64_t top_reader_period(uint64_t interval_ns, uint64_t took_ns)
{
	uint64_t intervals = (took_ns * TOP_READER_SHARE + interval_ns - 1) / interval_ns;

	return intervals > 1 ? intervals * interval_ns : interval_ns;
}
