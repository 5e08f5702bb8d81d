# A descriptor that was closed before it was unwatched is no reason to die.
in 'src/linux.c', 'kore_platform_disable_read';
replace 'NULL) == -1)', 'NULL) == -1 && errno != ENOENT && errno != EBADF)';
