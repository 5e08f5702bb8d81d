# Pools start small and grow by some 16 KiB, where Kore touches several
# megabytes in each worker before the first request.
in 'src/pool.c', 'kore_pool_init';
replace 'pool->growth = elm * 0.25f;', '';
replace 'pool_region_create(pool, elm);', <<'C' . "\tpool_region_create(pool, pool->growth);";
pool->growth = 16384 / pool->slen;
	if (pool->growth < 4)
		pool->growth = 4;

C
in 'include/kore/kore.h';
replace qr/(?<=KORE_ACCESSLOG_BUFLEN\t\t)131072U/, '64U';
replace qr/(?<=KORE_ACCESSLOG_SYNC\t\t)98304U/, '64U';
