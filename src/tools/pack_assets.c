/*
 * pack_assets ASSETS OUT.c: everything under assets/ as one C file.
 *
 *	pages/ parts/		templates, as they are
 *	email/			templates named mail/NAME, and texts mail/NAME.txt
 *	icons/			templates named icon/NAME
 *	css/			one app.css, in the order of the table below
 *	js/			modules; imports are led to the hashed names
 *	i18n/			languages, English first; and for scripts
 *				passkey.TAG.json with the messages they need
 *	brand/			served from the root under their own names
 *
 * Files that are served get a name with their hash (but brand/), and gzip and
 * brotli forms where those are smaller.  The same input gives the same bytes.
 */

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brotli/encode.h>
#include <jansson.h>
#include <zlib.h>

#include "base/base_arena.h"
#include "base/base_buffer.h"
#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_hex.h"
#include "tools/pack_minify.h"

#define FILE_LIMIT	(2U * 1024U * 1024U)
#define FILES_MAX	512
#define HASH_BYTES	5
#define SCRIPT_PREFIX	"passkey."	/* messages that scripts need */

struct file {
	const char	*name;
	const char	*data;
	size_t		 len;
};

struct folder {
	struct file	files[FILES_MAX];
	size_t		count;
};

/* One file as it will be served. */
struct served {
	const char		*name;
	const char		*path;
	const char		*type;
	const char		*etag;
	bool			 hashed;
	struct base_slice	 body[3];
};

static struct base_arena	 arena;
static const char		*assets;
static FILE			*out;
static struct served		 served[FILES_MAX];
static size_t			 served_count;
static size_t			 bodies;

static void	fail(const char *, ...)
		    __attribute__((noreturn, format(printf, 1, 2)));

static void
fail(const char *format, ...)
{
	va_list	args;

	va_start(args, format);
	(void)fprintf(stderr, "pack_assets: ");
	(void)vfprintf(stderr, format, args);
	(void)fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

/* --------------------------------------------------------------- reading */

static struct file
file_read(const char *path, const char *name)
{
	FILE		*in;
	char		*data;
	long		 len;
	struct file	 file = { .name = name };

	if ((in = fopen(path, "rb")) == NULL || fseek(in, 0, SEEK_END) != 0 ||
	    (len = ftell(in)) < 0 || fseek(in, 0, SEEK_SET) != 0)
		fail("%s: %s", path, strerror(errno));

	file.len = (size_t)len;
	data = base_arena_new(&arena, file.len + 1);
	if (fread(data, 1, file.len, in) != file.len)
		fail("%s: cannot be read", path);

	(void)fclose(in);
	file.data = data;
	return (file);
}

static int
file_compare(const void *a, const void *b)
{
	return (strcmp(((const struct file *)a)->name,
	    ((const struct file *)b)->name));
}

/* Every file of assets/"folder" that ends in "suffix", by name. */
static struct folder *
folder_read(const char *name, const char *suffix)
{
	DIR		*dir;
	char		*path = base_arena_format(&arena, "%s/%s", assets, name);
	struct dirent	*entry;
	struct folder	*folder = base_arena_new(&arena, sizeof(*folder));
	size_t		 len;

	if ((dir = opendir(path)) == NULL) {
		if (errno == ENOENT)
			return (folder);
		fail("%s: %s", path, strerror(errno));
	}

	while ((entry = readdir(dir)) != NULL) {
		len = strlen(entry->d_name);
		if (entry->d_name[0] == '.')
			continue;
		if (len <= strlen(suffix) ||
		    strcmp(entry->d_name + len - strlen(suffix), suffix) != 0)
			fail("%s/%s: does not belong here", path,
			    entry->d_name);
		if (folder->count == FILES_MAX)
			fail("%s: too many files", path);
		folder->files[folder->count++] = file_read(
		    base_arena_format(&arena, "%s/%s", path, entry->d_name),
		    base_arena_text(&arena, entry->d_name, len));
	}

	(void)closedir(dir);
	qsort(folder->files, folder->count, sizeof(folder->files[0]),
	    file_compare);
	return (folder);
}

/* --------------------------------------------------------------- serving */

static struct base_slice
gzip(struct base_slice plain)
{
	Bytef			*to;
	struct base_slice	 packed = { NULL, 0 };
	uLong			 room;
	z_stream		 z = { 0 };

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 9,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		fail("zlib does not start");

	room = deflateBound(&z, plain.len);
	to = base_arena_new(&arena, room);
	z.next_in = (z_const Bytef *)(uintptr_t)plain.data;
	z.avail_in = (uInt)plain.len;
	z.next_out = to;
	z.avail_out = (uInt)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		fail("zlib does not finish");

	packed.data = to;
	packed.len = z.total_out;
	(void)deflateEnd(&z);
	return (packed);
}

static struct base_slice
brotli(struct base_slice plain)
{
	size_t			 room = BrotliEncoderMaxCompressedSize(plain.len);
	struct base_slice	 packed;
	uint8_t			*to = base_arena_new(&arena, room + 1);

	if (BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS,
	    BROTLI_MODE_TEXT, plain.len, plain.data, &room, to) == BROTLI_FALSE)
		fail("brotli does not finish");

	packed.data = to;
	packed.len = room;
	return (packed);
}

static const char *
type_of(const char *name)
{
	static const struct {
		const char	*suffix;
		const char	*type;
	} types[] = {
		{ ".css", "text/css; charset=utf-8" },
		{ ".ico", "image/x-icon" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".png", "image/png" },
		{ ".svg", "image/svg+xml" },
		{ ".txt", "text/plain; charset=utf-8" },
	};
	const char	*dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]);
	    i++) {
		if (strcmp(dot, types[i].suffix) == 0)
			return (types[i].type);
	}

	fail("%s: no type is known for this", name);
}

/* /assets/app.0f3a9c2b71.css, or /favicon.ico for what is not hashed. */
static const char *
serve(const char *name, const void *data, size_t len, bool hashed)
{
	char		 hash[HASH_BYTES * 2 + 1];
	const char	*dot = strrchr(name, '.');
	struct served	*s;
	uint8_t		 digest[BASE_SHA256_LEN];

	if (served_count == FILES_MAX || dot == NULL)
		fail("%s: too many files, or no suffix", name);

	base_hash_sha256(data, len, digest);
	base_hex_encode(digest, HASH_BYTES, hash);
	s = &served[served_count++];
	s->name = name;
	s->type = type_of(name);
	s->hashed = hashed;
	s->etag = base_arena_format(&arena, "W/\\\"%s\\\"", hash);
	s->path = hashed ? base_arena_format(&arena, "/assets/%.*s.%s%s",
	    (int)(dot - name), name, hash, dot) :
	    base_arena_format(&arena, "/%s", name);

	s->body[0] = (struct base_slice){ data, len };
	s->body[1] = gzip(s->body[0]);
	s->body[2] = brotli(s->body[0]);
	for (size_t i = 1; i < 3; i++) {
		if (s->body[i].len + 16 > len)
			s->body[i] = (struct base_slice){ NULL, 0 };
	}

	return (s->path);
}

static const struct served *
served_find(const char *name)
{
	for (size_t i = 0; i < served_count; i++) {
		if (strcmp(served[i].name, name) == 0)
			return (&served[i]);
	}

	return (NULL);
}

static void
serve_buffer(const char *name, struct base_buffer *buffer)
{
	char	*text = base_buffer_finish(buffer);

	if (text == NULL)
		fail("%s: too large", name);

	(void)serve(name, base_arena_copy(&arena, text, buffer->len),
	    buffer->len, true);
	base_buffer_clear(buffer);
}

static void
pack_css(void)
{
	static const char *const	order[] = { "tokens.css", "base.css",
	    "layout.css", "components.css", "utilities.css" };
	struct base_buffer		buffer;
	struct folder			*folder = folder_read("css", ".css");
	const struct file		*file;

	if (folder->count != sizeof(order) / sizeof(order[0]))
		fail("css: a sheet that has no place in the order");

	base_buffer_init(&buffer, FILE_LIMIT);
	for (size_t i = 0; i < folder->count; i++) {
		file = bsearch(&(struct file){ .name = order[i] },
		    folder->files, folder->count, sizeof(*file), file_compare);
		if (file == NULL)
			fail("css/%s is missing", order[i]);
		pack_minify_css(file->data, &buffer);
	}

	serve_buffer("app.css", &buffer);
}

static void	script_pack(const struct folder *, const struct file *,
		    size_t depth);

/* Replace "./NAME.js" by its hashed name; what it imports is packed first. */
static void
imports_rewrite(const struct folder *folder, const char *text,
    struct base_buffer *buffer, size_t depth)
{
	const char		*import, *end, *name;
	const struct file	*file;

	while ((import = strstr(text, "\"./")) != NULL) {
		base_buffer_append(buffer, text, (size_t)(import - text));
		import += strlen("\"./");
		if ((end = strchr(import, '"')) == NULL)
			fail("an import is not closed");

		name = base_arena_text(&arena, import, (size_t)(end - import));
		file = bsearch(&(struct file){ .name = name }, folder->files,
		    folder->count, sizeof(*file), file_compare);
		if (file == NULL)
			fail("js/%s is imported and not there", name);
		script_pack(folder, file, depth + 1);
		base_buffer_format(buffer, "\".%s\"",
		    served_find(name)->path + strlen("/assets"));
		text = end + 1;
	}

	base_buffer_text(buffer, text);
}

static void
script_pack(const struct folder *folder, const struct file *file, size_t depth)
{
	struct base_buffer	 small, buffer;

	if (served_find(file->name) != NULL)
		return;
	if (depth > folder->count)
		fail("js/%s imports itself", file->name);

	base_buffer_init(&small, FILE_LIMIT);
	base_buffer_init(&buffer, FILE_LIMIT);
	if (!pack_minify_js(file->data, &small))
		fail("js/%s: a template literal spans lines", file->name);
	imports_rewrite(folder, base_buffer_finish(&small), &buffer, depth);
	serve_buffer(file->name, &buffer);
	base_buffer_clear(&small);
}

static void
pack_js(void)
{
	struct folder	*folder = folder_read("js", ".js");

	for (size_t i = 0; i < folder->count; i++)
		script_pack(folder, &folder->files[i], 0);
}

static void
pack_brand(void)
{
	struct folder	*folder = folder_read("brand", "");

	for (size_t i = 0; i < folder->count; i++)
		(void)serve(folder->files[i].name, folder->files[i].data,
		    folder->files[i].len, false);
}

/* The messages that scripts need, without their prefix. */
static void
script_messages(const struct file *file)
{
	char		*text;
	const char	*key;
	json_t		*all, *some = json_object(), *value;

	all = json_loadb(file->data, file->len, JSON_REJECT_DUPLICATES, NULL);
	if (all == NULL || some == NULL)
		fail("i18n/%s: is no JSON object", file->name);

	json_object_foreach(all, key, value) {
		if (strncmp(key, SCRIPT_PREFIX, strlen(SCRIPT_PREFIX)) == 0)
			(void)json_object_set(some,
			    key + strlen(SCRIPT_PREFIX), value);
	}

	if ((text = json_dumps(some, JSON_COMPACT | JSON_SORT_KEYS)) == NULL)
		fail("i18n/%s: cannot be written", file->name);
	(void)serve(base_arena_format(&arena, SCRIPT_PREFIX "%s", file->name),
	    base_arena_text(&arena, text, strlen(text)), strlen(text), true);
	free(text);
	json_decref(some);
	json_decref(all);
}

/* --------------------------------------------------------------- writing */

static void
body_write(struct base_slice body)
{
	(void)fprintf(out, "static const uint8_t b%zu[] = {", bodies++);
	for (size_t i = 0; i < body.len; i++)
		(void)fprintf(out, "%s%u,", i % 24 == 0 ? "\n" : "",
		    body.data[i]);
	(void)fprintf(out, "0};\n");
}

static void
served_write(void)
{
	size_t	body = 0;

	for (size_t i = 0; i < served_count; i++) {
		for (size_t k = 0; k < 3; k++)
			body_write(served[i].body[k]);
	}

	(void)fprintf(out, "const struct web_asset web_asset_data_files[] = {\n");
	for (size_t i = 0; i < served_count; i++) {
		(void)fprintf(out, "{ \"%s\", \"%s\", \"%s\", \"%s\", %s, {",
		    served[i].name, served[i].path, served[i].type,
		    served[i].etag, served[i].hashed ? "true" : "false");
		for (size_t k = 0; k < 3; k++)
			(void)fprintf(out, " { b%zu, %zu },", body++,
			    served[i].body[k].len);
		(void)fprintf(out, " } },\n");
	}
	(void)fprintf(out, "};\nconst size_t web_asset_data_file_count = %zu;\n",
	    served_count);
}

/* Texts in a table of { name, text, len }; names lose their suffix. */
static void
texts_write(const struct folder *folder, const char *prefix, const char *suffix,
    size_t first)
{
	for (size_t i = 0; i < folder->count; i++) {
		(void)fprintf(out,
		    "{ \"%s%.*s\", (const char *)b%zu, %zu },\n", prefix,
		    (int)(strlen(folder->files[i].name) - strlen(suffix)),
		    folder->files[i].name, first + i, folder->files[i].len);
	}
}

/* NAME.html loses its suffix and is read strictly; NAME.txt keeps it. */
static void
mails_write(const struct folder *folder, size_t first)
{
	const struct file	*file;
	const char		*dot;

	for (size_t i = 0; i < folder->count; i++) {
		file = &folder->files[i];
		dot = strchr(file->name, '.');
		if (dot == NULL || (strcmp(dot, ".html") != 0 &&
		    strcmp(dot, ".txt") != 0))
			fail("email/%s: does not belong here", file->name);
		(void)fprintf(out,
		    "{ \"mail/%.*s\", (const char *)b%zu, %zu },\n",
		    (int)(strcmp(dot, ".html") == 0 ? dot - file->name :
		    (ptrdiff_t)strlen(file->name)), file->name, first + i,
		    file->len);
	}
}

static size_t
bodies_write(const struct folder *folder)
{
	size_t	first = bodies;

	for (size_t i = 0; i < folder->count; i++)
		body_write((struct base_slice){
		    (const uint8_t *)folder->files[i].data,
		    folder->files[i].len });

	return (first);
}

static void
templates_write(void)
{
	struct folder	*pages = folder_read("pages", ".html");
	struct folder	*parts = folder_read("parts", ".html");
	struct folder	*icons = folder_read("icons", ".svg");
	struct folder	*mails = folder_read("email", "");
	size_t		 page, part, icon, mail;

	for (size_t i = 0; i < pages->count; i++) {
		if (bsearch(&pages->files[i], parts->files, parts->count,
		    sizeof(struct file), file_compare) != NULL)
			fail("%s is both a page and a part",
			    pages->files[i].name);
	}

	page = bodies_write(pages);
	part = bodies_write(parts);
	icon = bodies_write(icons);
	mail = bodies_write(mails);
	(void)fprintf(out, "const struct web_template_source "
	    "web_asset_data_templates[] = {\n");
	texts_write(pages, "", ".html", page);
	texts_write(parts, "", ".html", part);
	texts_write(icons, "icon/", ".svg", icon);
	mails_write(mails, mail);
	(void)fprintf(out, "};\n"
	    "const size_t web_asset_data_template_count = %zu;\n",
	    pages->count + parts->count + icons->count + mails->count);
}

/* English first, the others by tag. */
static void
languages_write(struct folder *folder)
{
	size_t		first;
	struct file	english;

	for (size_t i = 0; i < folder->count; i++) {
		if (strcmp(folder->files[i].name, "en.json") != 0)
			continue;
		english = folder->files[i];
		memmove(&folder->files[1], &folder->files[0],
		    i * sizeof(struct file));
		folder->files[0] = english;
	}
	if (folder->count == 0 ||
	    strcmp(folder->files[0].name, "en.json") != 0)
		fail("i18n/en.json is missing");

	first = bodies_write(folder);
	(void)fprintf(out, "const struct web_message_source "
	    "web_asset_data_languages[] = {\n");
	texts_write(folder, "", ".json", first);
	(void)fprintf(out, "};\n"
	    "const size_t web_asset_data_language_count = %zu;\n",
	    folder->count);
}

int
main(int argc, char **argv)
{
	struct folder	*languages;

	if (argc != 3)
		fail("usage: pack_assets ASSETS OUT.c");

	base_arena_init(&arena);
	assets = argv[1];
	if ((out = fopen(argv[2], "w")) == NULL)
		fail("%s: %s", argv[2], strerror(errno));

	pack_css();
	pack_js();
	pack_brand();
	languages = folder_read("i18n", ".json");
	for (size_t i = 0; i < languages->count; i++)
		script_messages(&languages->files[i]);

	(void)fprintf(out, "/* Made by pack_assets; do not edit. */\n"
	    "#include \"web/web_asset_data.h\"\n");
	served_write();
	templates_write();
	languages_write(languages);
	if (fclose(out) != 0)
		fail("%s: %s", argv[2], strerror(errno));

	base_arena_clear(&arena);
	return (0);
}
