/*
 * Replays corpora through a fuzz target, for compilers without libFuzzer and
 * for `make check`: each argument is a file, or a folder of files.
 */

#include <sys/stat.h>

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX	(1U << 20)

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int	count;

static void
replay_file(const char *path)
{
	static uint8_t	 data[INPUT_MAX];
	uint8_t		*exact;
	FILE		*file;
	size_t		 size;

	if ((file = fopen(path, "rb")) == NULL) {
		perror(path);
		exit(1);
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);

	/* Of its own size, so that a sanitizer sees a read past its end. */
	if ((exact = malloc(size + (size == 0))) == NULL)
		exit(1);
	for (size_t i = 0; i < size; i++)
		exact[i] = data[i];
	fprintf(stderr, "%s\n", path);	/* the last one is the culprit */
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	count++;
}

static void
replay(const char *path)
{
	struct dirent	*entry;
	struct stat	 st;
	DIR		*dir;
	char		 inner[4096];

	if (stat(path, &st) != 0) {
		perror(path);
		exit(1);
	}
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path);
		return;
	}
	if ((dir = opendir(path)) == NULL) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		replay_file(inner);
	}
	closedir(dir);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%d inputs\n", count);

	return (count == 0);
}
