#!/bin/sh
# Runs inside the fresh Debian tree: the users of the official images, the locale that they set, and less weight.
set -eu

localedef -i en_US -c -f UTF-8 en_US.UTF-8

groupmod -g 70 postgres
usermod -u 70 -g 70 postgres
groupmod -g 1000 redis
usermod -u 999 -g 1000 redis
groupadd -g 1001 nodejs
useradd -u 1001 -g 1001 -M -d /nonexistent -s /usr/sbin/nologin non-root-user

rm -rf /etc/postgresql/15 /var/lib/postgresql /var/lib/redis /var/log/* /var/cache/* /var/lib/apt/lists/*
rm -rf /usr/share/doc /usr/share/man /usr/share/locale /usr/share/i18n /usr/share/postgresql/15/man
rm -f /usr/sbin/policy-rc.d
mkdir -p /var/lib/postgresql /var/run/postgresql /var/cache/ldconfig /var/log
chown 70:70 /var/lib/postgresql /var/run/postgresql

# Just-in-time compilation is a third of the weight and nothing here needs it; Postgres goes on without it by itself.
rm -rf /usr/lib/postgresql/15/lib/llvmjit* /usr/lib/postgresql/15/lib/bitcode /usr/lib/*/libLLVM* /usr/lib/*/libz3.so*
rm -f /etc/resolv.conf /etc/hostname
