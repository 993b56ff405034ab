#!/bin/sh
# What the image runs: brings the database up to date, then serves.
set -eu
# A container does not know the names and addresses of the machine that it runs on. Whoever sets
# PUBLIC_URL or ALLOWED_HOSTS has said them.
if [ -z "${PUBLIC_URL:-}${ALLOWED_HOSTS:-}" ]; then
  export ALLOWED_HOSTS='*'
fi
# Where several processes share a database, one of them prepares it: see compose.yaml.
if [ "${PREPARE:-true}" = true ]; then
  python manage.py prepare
fi
exec python -m beatsync
