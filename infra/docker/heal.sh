#!/bin/sh
# A health check that also ends a stuck server, because Compose restarts only what has ended:
#   heal.sh <process> <failures> <command …>
# Runs the command. After so many failures in a row of a server that was well before, the server is ended by force.
name=$1 most=$2
shift 2
state=${HEAL_STATE:-/tmp/heal-$name}
pid=${HEAL_PID:-$(pidof -s "$name")}

known='' failures=0 well=0
[ -f "$state" ] && read -r known failures well <"$state"
# Another process than the last time: it may take its time to start.
[ "$known" = "$pid" ] || { failures=0 well=0; }

if timeout 3 "$@" >/dev/null 2>&1; then
  echo "$pid 0 1" >"$state"
  exit 0
fi
failures=$((failures + 1))
echo "$pid $failures $well" >"$state"
if [ "$well" = 1 ] && [ "$failures" -ge "$most" ] && [ -n "$pid" ]; then
  echo "$name has failed $failures checks: ending it"
  kill -KILL "$pid"
fi
exit 1
