#!/bin/sh
# Stores a message in JetStream and waits for its ack: /healthz says ok while the disk is full and nothing is stored.
login="{\"user\":\"operator\",\"pass\":\"$NATS_PASSWORD_OPERATOR\",\"verbose\":false,\"headers\":true,\"no_responders\":true}"
answer=$(
  {
    printf 'CONNECT %s\r\nSUB _INBOX.health 1\r\nPUB recado-health.check _INBOX.health 0\r\n\r\nPING\r\n' "$login"
    sleep 1
  } | ${NC:-nc -w 2} 127.0.0.1 "${NATS_PORT:-4222}"
)
case $answer in
  *'"seq":'*) exit 0 ;;
  # No service has made the stream yet.
  *'NATS/1.0 503'*) wget -q -O - http://127.0.0.1:8222/healthz ;;
  *) exit 1 ;;
esac
