#include "store/store_hosts.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "base/base_log.h"
#include "store/store_postgres.h"

#define NAME_MAX_LEN	253
#define LOG_EVERY	30000	/* ms */
#define READ_TRIES	1000	/* while it is being written: microseconds */

struct entry {
	char	name[NAME_MAX_LEN + 1];
	char	address[INET6_ADDRSTRLEN];
};

struct table {
	uint32_t	count;
	struct entry	entries[STORE_HOSTS_MAX];
};

/* One writer; "version" is odd while it writes. */
struct shared {
	_Atomic uint32_t	version;
	struct table		table;
};

/* One item of a list with commas. */
struct item {
	char	text[NAME_MAX_LEN + 1];
};

static const struct shared	*reading;
static struct shared		*writing;
static int			 wish = -1;

bool
store_hosts_make(struct store_hosts_ends *out)
{
	char	path[64];
	int	ends[2];

	out->table_write = memfd_create("permiso hosts", MFD_CLOEXEC);
	if (out->table_write == -1 || fchmod(out->table_write, 0600) == -1 ||
	    ftruncate(out->table_write, sizeof(struct shared)) == -1 ||
	    pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return (false);

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
	    out->table_write);
	out->table_read = open(path, O_RDONLY | O_CLOEXEC);
	out->wish_read = ends[0];
	out->wish_write = ends[1];

	return (out->table_read != -1);
}

bool
store_hosts_serve(int table_write, int wish_read)
{
	void	*memory = mmap(NULL, sizeof(struct shared),
		    PROT_READ | PROT_WRITE, MAP_SHARED, table_write, 0);

	if (memory == MAP_FAILED)
		return (false);

	writing = memory;
	wish = wish_read;
	return (true);
}

bool
store_hosts_attach(int table_read, int wish_write)
{
	void	*memory = mmap(NULL, sizeof(struct shared), PROT_READ,
		    MAP_SHARED, table_read, 0);

	if (memory == MAP_FAILED)
		return (false);

	reading = memory;
	wish = wish_write;
	return (true);
}

/* --- lists ---------------------------------------------------------------- */

/* The "n"th item of a list, "" behind its end or when it is too long. */
static void
item_get(const char *list, unsigned n, struct item *out)
{
	for (; n > 0 && list != NULL; n--)
		list = (list = strchr(list, ',')) == NULL ? NULL : list + 1;

	out->text[0] = '\0';
	if (list != NULL)
		(void)base_bytes_text_copy(out->text, sizeof(out->text), list,
		    strcspn(list, ","));
}

static unsigned
items_count(const char *list)
{
	unsigned	count = *list != '\0';

	for (; *list != '\0'; list++)
		count += *list == ',';

	return (count);
}

static bool
item_add(char list[STORE_HOSTS_TEXT], const char *text, bool first)
{
	size_t	used = strlen(list), len = strlen(text);

	if (used + len + 2 > STORE_HOSTS_TEXT)
		return (false);

	(void)snprintf(list + used, STORE_HOSTS_TEXT - used, "%s%s",
	    first ? "" : ",", text);
	return (true);
}

/* Neither a socket's folder nor an address already. */
static bool
is_name(const char *host, const char *address)
{
	uint8_t	bytes[16];

	return (host[0] != '\0' && host[0] != '/' && host[0] != '@' &&
	    address[0] == '\0' && inet_pton(AF_INET, host, bytes) != 1 &&
	    inet_pton(AF_INET6, host, bytes) != 1);
}

/* --- reading -------------------------------------------------------------- */

/* A copy of what is there; empty when nothing was ever written whole. */
static void
table_read(const struct shared *shared, struct table *out)
{
	uint32_t	before;

	for (int i = 0; i < READ_TRIES; i++) {
		before = atomic_load(&shared->version);
		memcpy(out, &shared->table, sizeof(*out));
		atomic_thread_fence(memory_order_seq_cst);
		if (before % 2 == 0 && before == atomic_load(&shared->version)
		    && out->count <= STORE_HOSTS_MAX)
			return;
	}

	out->count = 0;
}

/* The address, if it is one: the memory is another process's work. */
static bool
entry_fits(struct entry *entry, const char *name)
{
	uint8_t	bytes[16];

	entry->name[sizeof(entry->name) - 1] = '\0';
	entry->address[sizeof(entry->address) - 1] = '\0';
	return (strcmp(entry->name, name) == 0 &&
	    (inet_pton(AF_INET, entry->address, bytes) == 1 ||
	    inet_pton(AF_INET6, entry->address, bytes) == 1));
}

struct lists {
	char		hosts[STORE_HOSTS_TEXT];
	char		addresses[STORE_HOSTS_TEXT];
	char		ports[STORE_HOSTS_TEXT];
	unsigned	count;
};

static void
lists_add(struct lists *lists, const char *host, const char *address,
    const char *port)
{
	struct lists	before = *lists;
	bool		first = lists->count == 0;

	lists->count++;
	if (!item_add(lists->hosts, host, first) ||
	    !item_add(lists->addresses, address, first) ||
	    !item_add(lists->ports, port, first))
		*lists = before;
}

bool
store_hosts_expand(char hosts[STORE_HOSTS_TEXT],
    char addresses[STORE_HOSTS_TEXT], char ports[STORE_HOSTS_TEXT])
{
	struct item	host, address, port;
	struct lists	lists = { .count = 0 };
	struct table	table;
	bool		one_port = items_count(ports) < 2;

	if (reading == NULL || hosts[0] == '\0')
		return (true);

	table_read(reading, &table);
	for (unsigned n = 0; n < items_count(hosts); n++) {
		item_get(hosts, n, &host);
		item_get(addresses, n, &address);
		item_get(ports, one_port ? 0 : n, &port);
		if (!is_name(host.text, address.text))
			lists_add(&lists, host.text, address.text, port.text);
		else for (uint32_t i = 0; i < table.count; i++) {
			if (entry_fits(&table.entries[i], host.text))
				lists_add(&lists, host.text,
				    table.entries[i].address, port.text);
		}
	}
	if (lists.count == 0)
		return (false);

	memcpy(hosts, lists.hosts, STORE_HOSTS_TEXT);
	memcpy(addresses, lists.addresses, STORE_HOSTS_TEXT);
	memcpy(ports, lists.ports, STORE_HOSTS_TEXT);
	return (true);
}

void
store_hosts_wish(void)
{
	/* A full pipe says it already. */
	if (reading != NULL)
		(void)!write(wish, "", 1);
}

/* --- looking up ----------------------------------------------------------- */

static void
table_add(struct table *table, const char *name, const char *address)
{
	struct entry	*entry;

	for (uint32_t i = 0; i < table->count; i++) {
		if (strcmp(table->entries[i].name, name) == 0 &&
		    strcmp(table->entries[i].address, address) == 0)
			return;
	}
	if (table->count == STORE_HOSTS_MAX)
		return;

	entry = &table->entries[table->count++];
	(void)snprintf(entry->name, sizeof(entry->name), "%s", name);
	(void)snprintf(entry->address, sizeof(entry->address), "%s", address);
}

/* At most every half minute: an outage asks every second. */
static void
not_found_log(const char *name, int code)
{
	static int64_t	said;
	int64_t		now = base_clock_monotonic();

	if (said != 0 && now - said < LOG_EVERY)
		return;

	said = now;
	base_log(BASE_LOG_WARNING, "store", "name_not_found",
	    base_log_text("host", name),
	    base_log_text("why", gai_strerror(code)));
}

/* What the name leads to; when nobody knows, what it led to before. */
static void
look_up(const char *name, const struct table *before, struct table *after)
{
	struct addrinfo	*list, hints = { .ai_socktype = SOCK_STREAM };
	char		 text[INET6_ADDRSTRLEN];
	int		 code;

	if ((code = getaddrinfo(name, NULL, &hints, &list)) != 0) {
		not_found_log(name, code);
		for (uint32_t i = 0; i < before->count; i++) {
			if (strcmp(before->entries[i].name, name) == 0)
				table_add(after, name,
				    before->entries[i].address);
		}
		return;
	}

	for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text),
		    NULL, 0, NI_NUMERICHOST) == 0)
			table_add(after, name, text);
	}
	freeaddrinfo(list);
}

static void
table_write(const struct table *table)
{
	uint32_t	version = atomic_load(&writing->version) | 1;

	atomic_store(&writing->version, version);
	atomic_thread_fence(memory_order_seq_cst);
	memcpy(&writing->table, table, sizeof(*table));
	atomic_thread_fence(memory_order_seq_cst);
	atomic_store(&writing->version, version + 1);
}

/* Said once for each change: a database that moves is worth a line. */
static void
changes_log(const struct table *before, const struct table *after)
{
	if (base_bytes_equal(before, sizeof(*before), after, sizeof(*after)))
		return;

	for (uint32_t i = 0; i < after->count; i++)
		base_log(BASE_LOG_INFO, "store", "database_address",
		    base_log_text("host", after->entries[i].name),
		    base_log_text("address", after->entries[i].address));
}

void
store_hosts_resolve(const char *conninfo)
{
	static struct table	before, after;
	char			hosts[STORE_HOSTS_TEXT];
	char			addresses[STORE_HOSTS_TEXT];
	struct item		host, address;

	if (writing == NULL)
		return;

	store_postgres_option(conninfo, "host", hosts);
	store_postgres_option(conninfo, "hostaddr", addresses);
	before = writing->table;
	memset(&after, 0, sizeof(after));
	for (unsigned n = 0; n < items_count(hosts); n++) {
		item_get(hosts, n, &host);
		item_get(addresses, n, &address);
		if (is_name(host.text, address.text))
			look_up(host.text, &before, &after);
	}
	changes_log(&before, &after);
	table_write(&after);
}

bool
store_hosts_wished(int milliseconds)
{
	struct pollfd	pfd = { .fd = wish, .events = POLLIN };
	char		junk[64];
	bool		wished = false;

	(void)poll(&pfd, 1, milliseconds);
	while (wish != -1 && read(wish, junk, sizeof(junk)) > 0)
		wished = true;

	return (wished);
}
