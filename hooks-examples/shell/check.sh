#!/bin/sh
# Whether there are so many kilobytes free here (1000 unless told): the exit status of the last command is the answer.
needed=${1:-1000}
free=$(df -Pk . | awk 'NR == 2 { print $4 }')
echo "$CIRCUS_WATCHER needs $needed KB, $free KB are free"
test "$free" -ge "$needed"
