/*
 * One table names every setting.  Reading is three passes over it: defaults,
 * the file, the environment; then each value is checked by its kind, and last
 * come the rules between settings.
 */

#include "base/base_config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_config_value.h"

#define PIPE_MAGIC	0x50434631U	/* "PCF1" */
#define FILE_SUFFIX	"_FILE"

extern char	**environ;

/* Where a value came from, for the sentence that complains about it. */
struct source {
	char		value[BASE_CONFIG_TEXT_MAX + 1];
	char		place[BASE_CONFIG_PLACE_MAX + 1];
	bool		set;
	bool		from_environment;
};

struct reading {
	struct base_config	*config;
	struct source		 sources[BASE_CONFIG_COUNT];
	char			*error;
};

static bool	complain(struct reading *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* Always false, so that a check can end with it. */
static bool
complain(struct reading *reading, const char *format, ...)
{
	va_list	args;

	va_start(args, format);
	(void)vsnprintf(reading->error, BASE_CONFIG_ERROR_MAX + 1, format,
	    args);
	va_end(args);

	return (false);
}

/* The row of "name"; *is_file when it is the _FILE form of a secret. */
static int
find_row(const char *name, size_t len, bool *is_file)
{
	const struct base_config_row	*row;
	size_t				 plain, suffix = strlen(FILE_SUFFIX);
	int				 i;

	for (i = 0; i < BASE_CONFIG_COUNT; i++) {
		row = &base_config_value_rows[i];
		plain = strlen(row->name);
		*is_file = false;
		if (len == plain && strncmp(name, row->name, len) == 0)
			return (i);
		*is_file = true;
		if (row->secret && len == plain + suffix &&
		    strncmp(name, row->name, plain) == 0 &&
		    strncmp(name + plain, FILE_SUFFIX, suffix) == 0)
			return (i);
	}

	return (-1);
}

/* A secret from a file of its own: one line, its newline taken off. */
static bool
read_secret(struct reading *reading, const char *place, const char *path,
    char out[BASE_CONFIG_TEXT_MAX + 1])
{
	char	text[BASE_CONFIG_TEXT_MAX + 2];
	ssize_t	n;
	int	fd;
	bool	good;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (complain(reading, "%s: cannot open %s: %s", place,
		    path, strerror(errno)));
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	if (n == -1)
		return (complain(reading, "%s: cannot read %s: %s", place,
		    path, strerror(errno)));

	while (n > 0 && n < (ssize_t)sizeof(text) &&
	    (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	good = base_bytes_text_copy(out, BASE_CONFIG_TEXT_MAX + 1, text,
	    (size_t)n);
	base_bytes_wipe(text, sizeof(text));
	if (!good)
		return (complain(reading, "%s: %s is longer than %d bytes or "
		    "holds a zero byte", place, path, BASE_CONFIG_TEXT_MAX));

	return (true);
}

/* Take one value; the environment takes the place of the file. */
static bool
take_value(struct reading *reading, int row, bool is_file, const char *place,
    const char *value, size_t len)
{
	const struct base_config_row	*r = &base_config_value_rows[row];
	struct source			*source = &reading->sources[row];
	bool				 environment;
	char				 text[BASE_CONFIG_TEXT_MAX + 1];

	environment = strcmp(place, BASE_CONFIG_ENVIRONMENT) == 0;
	if (source->set && source->from_environment == environment)
		return (complain(reading, "%s: %s is set twice (before: %s)",
		    place, r->name, source->place));
	if (!base_bytes_text_copy(text, sizeof(text), value, len))
		return (complain(reading, "%s: %s is longer than %d bytes or "
		    "holds a zero byte", place, r->name,
		    BASE_CONFIG_TEXT_MAX));

	if (!is_file)
		memcpy(source->value, text, sizeof(text));
	else if (!read_secret(reading, place, text, source->value))
		return (false);
	base_bytes_wipe(text, sizeof(text));

	source->set = true;
	source->from_environment = environment;
	(void)snprintf(source->place, sizeof(source->place), "%s", place);

	return (true);
}

static bool
read_line(struct reading *reading, const char *path, int number, char *line)
{
	char	place[BASE_CONFIG_PLACE_MAX + 1];
	size_t	len, name_len;
	bool	is_file;
	int	row;

	(void)snprintf(place, sizeof(place), "%s line %d", path, number);
	len = strlen(line);
	while (len != 0 && isspace((unsigned char)line[len - 1]))
		len--;
	line[len] = '\0';
	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return (true);

	name_len = strcspn(line, " \t");
	if ((row = find_row(line, name_len, &is_file)) == -1)
		return (complain(reading, "%s: there is no setting \"%.*s\"",
		    place, name_len > 64 ? 64 : (int)name_len, line));
	line += name_len;
	line += strspn(line, " \t");
	if (*line == '\0')
		return (complain(reading, "%s: %s has no value", place,
		    base_config_value_rows[row].name));

	return (take_value(reading, row, is_file, place, line, strlen(line)));
}

static bool
read_lines(struct reading *reading, const char *path, FILE *file)
{
	char	*line = NULL;
	size_t	 size = 0;
	ssize_t	 len;
	int	 number = 0;
	bool	 good = true;

	while (good && (len = getline(&line, &size, file)) != -1) {
		number++;
		if (memchr(line, '\0', (size_t)len) != NULL)
			good = complain(reading, "%s line %d: a zero byte",
			    path, number);
		else
			good = read_line(reading, path, number, line);
	}
	if (good && ferror(file))
		good = complain(reading, "cannot read %s: %s", path,
		    strerror(errno));

	if (line != NULL)
		base_bytes_wipe(line, size);
	free(line);

	return (good);
}

static bool
read_file(struct reading *reading, const char *path)
{
	FILE	*file;
	char	 buffer[BUFSIZ];
	bool	 good;

	if ((file = fopen(path, "re")) == NULL)
		return (complain(reading, "cannot open %s: %s", path,
		    strerror(errno)));
	/* A buffer of our own, because it will hold secrets. */
	(void)setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	good = read_lines(reading, path, file);
	(void)fclose(file);
	base_bytes_wipe(buffer, sizeof(buffer));

	return (good);
}

/* Foreign names are none of our business, except where ours are meant. */
static bool
read_environment(struct reading *reading)
{
	const char	*entry, *value;
	size_t		 i;
	bool		 is_file;
	int		 row;

	for (i = 0; environ != NULL && environ[i] != NULL; i++) {
		entry = environ[i];
		if ((value = strchr(entry, '=')) == NULL)
			continue;
		row = find_row(entry, (size_t)(value - entry), &is_file);
		if (row == -1 && strncmp(entry, "PERMISO_", 8) == 0)
			return (complain(reading, "%s: there is no setting "
			    "\"%.64s\"", BASE_CONFIG_ENVIRONMENT, entry));
		if (row != -1 && !take_value(reading, row, is_file,
		    BASE_CONFIG_ENVIRONMENT, value + 1, strlen(value + 1)))
			return (false);
	}

	return (true);
}

static bool
check_values(struct reading *reading)
{
	const struct base_config_row	*row;
	const struct source		*source;
	char				 why[BASE_CONFIG_WHY_MAX + 1];
	const char			*value;
	int				 i;

	for (i = 0; i < BASE_CONFIG_COUNT; i++) {
		row = &base_config_value_rows[i];
		source = &reading->sources[i];
		value = source->set ? source->value : row->standard;
		if (value == NULL)
			return (complain(reading, "%s is not set; it is "
			    "required", row->name));
		if (!base_config_value_set(row, value, reading->config, why))
			return (complain(reading, "%s: %s %s", source->set ?
			    source->place : "built in", row->name, why));
	}

	return (true);
}

/* What one value alone cannot tell. */
static bool
check_together(struct reading *reading)
{
	struct base_config	*config = reading->config;
	char			 why[BASE_CONFIG_WHY_MAX + 1];

	if (!base_config_value_together(config, why))
		return (complain(reading, "%s", why));

	return (true);
}

bool
base_config_load(struct base_config *config, const char *path,
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	struct reading	*reading;
	bool		 good;

	memset(config, 0, sizeof(*config));
	if ((reading = calloc(1, sizeof(*reading))) == NULL) {
		(void)snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
		    "out of memory");
		return (false);
	}
	reading->config = config;
	reading->error = error;

	good = (path == NULL || read_file(reading, path)) &&
	    read_environment(reading) && check_values(reading) &&
	    check_together(reading);

	base_bytes_wipe(reading, sizeof(*reading));
	free(reading);
	if (!good)
		base_config_clear(config);

	return (good);
}

bool
base_config_root_key(const char *path, uint8_t out[BASE_KEY_LEN],
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	struct reading	reading = { .error = error };
	char		text[BASE_CONFIG_TEXT_MAX + 1];
	char		why[BASE_CONFIG_WHY_MAX + 1];
	bool		good;

	if (!read_secret(&reading, "root key", path, text))
		return (false);
	good = base_config_value_root_key(text, out, why);
	base_bytes_wipe(text, sizeof(text));
	if (!good)
		return (complain(&reading, "the key in %s %s", path, why));

	return (true);
}

struct pipe_head {
	uint32_t	magic;
	uint32_t	size;
};

static bool
pipe_write(int fd, const void *data, size_t len)
{
	const uint8_t	*p = data;
	ssize_t		 n;

	while (len != 0) {
		n = write(fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (false);
		p += n;
		len -= (size_t)n;
	}

	return (true);
}

static bool
pipe_read(int fd, void *data, size_t len)
{
	uint8_t	*p = data;
	ssize_t	 n;

	while (len != 0) {
		n = read(fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (false);
		p += n;
		len -= (size_t)n;
	}

	return (true);
}

/*
 * Both ends are the same executable, so the struct itself crosses; its size is
 * checked all the same, for the moment when the file was replaced.
 */
bool
base_config_write(const struct base_config *config, int fd)
{
	struct pipe_head	 head = { PIPE_MAGIC, sizeof(*config) };
	struct base_config	*copy;
	bool			 good;

	if ((copy = malloc(sizeof(*copy))) == NULL)
		return (false);
	*copy = *config;
	base_bytes_wipe(copy->root_key, sizeof(copy->root_key));
	copy->has_root_key = false;
	base_bytes_wipe(copy->database, sizeof(copy->database));

	good = pipe_write(fd, &head, sizeof(head)) &&
	    pipe_write(fd, copy, sizeof(*copy));
	base_config_clear(copy);
	free(copy);

	return (good);
}

bool
base_config_read(struct base_config *config, int fd)
{
	struct pipe_head	head;

	memset(config, 0, sizeof(*config));
	if (!pipe_read(fd, &head, sizeof(head)) || head.magic != PIPE_MAGIC ||
	    head.size != sizeof(*config))
		return (false);
	if (!pipe_read(fd, config, sizeof(*config))) {
		base_config_clear(config);
		return (false);
	}

	return (true);
}

void
base_config_clear(struct base_config *config)
{
	base_bytes_wipe(config, sizeof(*config));
}
