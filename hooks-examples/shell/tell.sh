#!/bin/sh
# What the daemon tells a hook, as far as it is there at this moment.
echo "$CIRCUS_HOOK of $CIRCUS_WATCHER: pid ${CIRCUS_PID:-none}, signal ${CIRCUS_SIGNAL:-none}, exit ${CIRCUS_EXIT_CODE:-none}"
