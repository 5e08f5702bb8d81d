# Freed memory is wiped before it is used again: it held cookies and codes.
in 'src/mem.c', 'kore_free';
after 'size = memsize(ptr);', <<'C';
	explicit_bzero(ptr, size->len);
C
