#!/bin/sh
# A PostgreSQL server with a new database below a folder, at a port of 127.0.0.1: postgres.sh FOLDER PORT
set -e
PATH=$(echo /usr/lib/postgresql/*/bin | tr ' ' :):$PATH
data=$1/data
mkdir "$data"
if [ "$(id -u)" = 0 ]; then
    # It refuses to run as root.
    chmod a+x "$1"
    chown postgres "$data"
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
$as initdb --pgdata "$data" --username postgres --auth trust --encoding UTF8 --no-locale --no-sync
exec $as postgres -D "$data" -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off
