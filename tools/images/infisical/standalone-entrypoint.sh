#!/bin/bash
# Entry point of the stand-in for infisical/infisical. The real image rewrites its certificate store and its web page
# when it starts, so it does not start on a read-only file system without mounts there: neither does this one.
set -e
echo "sandbox, not Infisical: this image is a stand-in for tests and holds no real Infisical."
: >/etc/ssl/certs/.rewritten-at-start
printf '<!doctype html><title>sandbox, not Infisical</title><h1>sandbox, not Infisical</h1>\n' >/backend/frontend-build/index.html
exec node --enable-source-maps dist/main.mjs
