// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A pool of threads that take piece after piece. */
#include <pthread.h>
#include <stdlib.h>

#include "share.h"

struct pool {
	pthread_mutex_t lock; /* of next and stop */
	size_t next, n;
	bool stop;
	share_fn work;
	void *ctx;
};

static bool take(struct pool *pool, size_t *at)
{
	bool more;

	pthread_mutex_lock(&pool->lock);
	more = !pool->stop && pool->next < pool->n;
	*at = pool->next;
	pool->next += more;
	pthread_mutex_unlock(&pool->lock);
	return more;
}

static void *work(void *arg)
{
	struct pool *pool = arg;
	size_t at;

	while (take(pool, &at)) {
		if (pool->work(pool->ctx, at))
			continue;
		pthread_mutex_lock(&pool->lock);
		pool->stop = true;
		pthread_mutex_unlock(&pool->lock);
	}
	return NULL;
}

/* The calling thread works, too, so one is always there. */
void share_out(unsigned int jobs, size_t n, share_fn fn, void *ctx)
{
	struct pool pool = {.n = n, .work = fn, .ctx = ctx};
	const size_t most = jobs < n ? jobs : n;
	pthread_t *threads = calloc(most + 1, sizeof(*threads));
	size_t made = 0;

	pthread_mutex_init(&pool.lock, NULL);
	while (threads && made + 1 < most &&
	       !pthread_create(&threads[made], NULL, work, &pool))
		made++;
	work(&pool);
	while (made)
		pthread_join(threads[--made], NULL);
	pthread_mutex_destroy(&pool.lock);
	free(threads);
}
