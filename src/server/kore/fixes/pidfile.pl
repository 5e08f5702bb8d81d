# No pid file: the supervisor knows its children.
in 'src/kore.c', 'kore_write_kore_pid';
body '';
in 'src/kore.c', 'main';
replace 'unlink(kore_pidfile) == -1', '0';
