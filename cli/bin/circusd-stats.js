#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { launch } from './launch.js'

// As for the daemon: a program that makes the same few objects every second needs little room for young ones.
setFlagsFromString('--semi-space-growth-factor=1')

launch('circusd-stats')
