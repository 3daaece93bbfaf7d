#!/bin/bash
# Entry point of the stand-in for postgres:15-alpine. It keeps the contract of the official image (variables, users,
# what happens on an empty data folder, what is listened on while it initialises); the text is this project's own.
set -Eeo pipefail
shopt -s nullglob

say() { printf '%s\n' "$*"; }
fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

# NAME may be given as itself or as NAME_FILE (a file that holds the value), never as both.
from_file_or_env() {
	local name="$1" default="${2:-}" file_name="$1_FILE"
	if [ "${!name:-}" ] && [ "${!file_name:-}" ]; then
		fail "error: both $name and $file_name are set (but are exclusive)"
	fi
	if [ "${!file_name:-}" ]; then
		default="$(<"${!file_name}")"
	elif [ "${!name:-}" ]; then
		default="${!name}"
	fi
	export "$name"="$default"
	unset "$file_name"
}

prepare_folders() {
	mkdir -p "$PGDATA"
	chmod 00700 "$PGDATA" || :
	mkdir -p /var/run/postgresql || :
	chmod 03775 /var/run/postgresql || :
	if [ "$(id -u)" = 0 ]; then
		find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
		find /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
	fi
}

require_password() {
	if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
		fail "Error: Database is uninitialized and superuser password is not specified." \
			"       Set POSTGRES_PASSWORD to a non-empty value for the superuser," \
			"       or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without one (not recommended)."
	fi
}

# initdb wants a name for the user it runs as; an arbitrary --user has none.
with_user_name() {
	if getent passwd "$(id -u)" >/dev/null; then
		"$@"
		return
	fi
	local library
	library="$(ldconfig -p | sed -n 's/.*=> \(.*libnss_wrapper\.so.*\)/\1/p' | head -n 1)"
	[ "$library" ] || fail "error: user $(id -u) has no name here and nss_wrapper is not installed"
	local passwd group
	passwd="$(mktemp)"
	group="$(mktemp)"
	printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" >"$passwd"
	printf 'postgres:x:%s:\n' "$(id -g)" >"$group"
	LD_PRELOAD="$library" NSS_WRAPPER_PASSWD="$passwd" NSS_WRAPPER_GROUP="$group" "$@"
	rm -f "$passwd" "$group"
}

init_data_folder() {
	local wal=()
	if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then wal=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
	local password_file
	password_file="$(mktemp)"
	printf '%s\n' "$POSTGRES_PASSWORD" >"$password_file"
	# shellcheck disable=SC2086 # POSTGRES_INITDB_ARGS is a list of arguments by contract
	with_user_name initdb -D "$PGDATA" --username="$POSTGRES_USER" --pwfile="$password_file" "${wal[@]}" ${POSTGRES_INITDB_ARGS:-}
	rm -f "$password_file"
}

open_to_network() {
	local method="${POSTGRES_HOST_AUTH_METHOD:-}"
	if [ -z "$method" ]; then method="$(postgres -C password_encryption)"; fi
	if [ "$method" = trust ]; then
		printf '\n# trust lets everybody in: POSTGRES_HOST_AUTH_METHOD asked for it\n' >>"$PGDATA/pg_hba.conf"
	fi
	printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

run_sql() {
	PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"
}

create_database() {
	local exists
	exists="$(run_sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only <<<'SELECT 1 FROM pg_database WHERE datname = :'\''db'\'' ;')"
	if [ -z "$exists" ]; then run_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db" ;'; fi
}

run_init_files() {
	local file
	for file in /docker-entrypoint-initdb.d/*; do
		case "$file" in
		*.sh)
			say "$0: running $file"
			if [ -x "$file" ]; then "$file"; else . "$file"; fi
			;;
		*.sql) say "$0: running $file" && run_sql --dbname "$POSTGRES_DB" -f "$file" ;;
		*.sql.gz) say "$0: running $file" && gunzip -c "$file" | run_sql --dbname "$POSTGRES_DB" ;;
		*) say "$0: ignoring $file" ;;
		esac
	done
}

# The server that initialises listens on the local socket only: nobody outside can take it for the real one.
initialise() {
	require_password
	init_data_folder
	open_to_network
	export PGPASSWORD="$POSTGRES_PASSWORD"
	PGUSER="$POSTGRES_USER" pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p ${PGPORT:-5432}" -w start
	create_database
	run_init_files
	PGUSER="$POSTGRES_USER" pg_ctl -D "$PGDATA" -m fast -w stop
	unset PGPASSWORD
	say '' 'PostgreSQL init process complete; ready for start up.' ''
}

wants_only_information() {
	local argument
	for argument in "$@"; do
		case "$argument" in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
	done
	return 1
}

if [ "${1:0:1}" = '-' ]; then set -- postgres "$@"; fi

if [ "${1:-}" = postgres ] && ! wants_only_information "$@"; then
	from_file_or_env POSTGRES_PASSWORD
	from_file_or_env POSTGRES_USER postgres
	from_file_or_env POSTGRES_DB "$POSTGRES_USER"
	from_file_or_env POSTGRES_INITDB_ARGS
	prepare_folders
	if [ "$(id -u)" = 0 ]; then
		exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$BASH_SOURCE" "$@"
	fi
	if [ -s "$PGDATA/PG_VERSION" ]; then
		say '' 'PostgreSQL Database directory appears to contain a database; Skipping initialization' ''
	else
		initialise
	fi
fi

exec "$@"
