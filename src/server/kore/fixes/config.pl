# The configuration comes from memory (server_config.h), through no file.
in 'src/config.c';
after '#include "kore.h"', <<'C';
#include "server/server_config.h"
C
in 'src/config.c', 'config_file_write';
body <<'C';
	FILE	*fp;

	if ((fp = server_config_open()) == NULL)
		fatal("no configuration: %s", errno_s);

	return (fp);
C
