#!/bin/sh
':' //; export CIRCUSD_NOFILE="$(ulimit -Sn)"; exec node "$0" "$@"
// To a shell that is all: Node raises its soft limit of open files before it runs anything, so only a shell can tell
// which one the daemon was started with, and programs are to have. To Node it is a text and a comment.

import { setFlagsFromString } from 'node:v8'
import { launch } from './launch.js'

// A daemon that mostly waits needs little room for young objects. Left to itself V8 takes 6 MB more.
setFlagsFromString('--semi-space-growth-factor=1')

launch('circusd')
