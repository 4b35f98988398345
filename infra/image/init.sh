#!/bin/sh
# Writes `.env` for compose.yaml, once, with secrets made here:
#   sh infra/image/init.sh oort.example you@example.com
# The address is for the certificate authority; `internal` makes a local one. Run it as root: the file becomes readable
# by root and by the group that Oort has in its container.
set -eu
cd "$(dirname "$0")/../.."
if [ $# -ne 2 ]; then
  echo "Use: sh infra/image/init.sh <site> <e-mail address>" >&2
  exit 64
fi
if [ -e .env ]; then
  echo ".env is there already, and what its secrets sealed could not be opened with others" >&2
  exit 1
fi
secret() { head -c 32 /dev/urandom | base64; }
umask 077
{
  echo "OORT_SITE=$1"
  echo "OORT_TLS=$2"
  echo "BYOK_MASTER_KEY=$(secret)"
  echo "SESSION_SECRET=$(secret)"
  echo "OORT_BACKUP_KEY=$(secret)"
  # A volume on the same disk, until a bucket takes its place: see .env.example.
  echo "OORT_BACKUP_TARGET=file:///backups"
} >.env.new
chgrp 65532 .env.new
chmod 640 .env.new
mv .env.new .env
