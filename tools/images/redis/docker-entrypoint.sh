#!/bin/sh
# Entry point of the stand-in for redis:7-alpine: the official image's contract, this project's own text.
set -e

# Options alone, or a configuration file alone, are arguments of redis-server.
if [ "${1#-}" != "${1:-}" ] || [ "${1%.conf}" != "${1:-}" ]; then
	set -- redis-server "$@"
fi

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
	find . \! -user redis -exec chown redis '{}' +
	exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
fi

# Files that nobody else reads, unless somebody chose another mask.
if [ "$(umask)" = 0022 ]; then umask 0077; fi

# The official image is compiled with protected mode off, Debian's package with it on.
if [ "${1:-}" = redis-server ]; then
	stated=no
	for argument in "$@"; do
		case "$argument" in
		*protected-mode*) stated=yes ;;
		*.conf) if grep -qs '^[[:space:]]*protected-mode' "$argument"; then stated=yes; fi ;;
		esac
	done
	if [ "$stated" = no ]; then set -- "$@" --protected-mode no; fi
fi

exec "$@"
