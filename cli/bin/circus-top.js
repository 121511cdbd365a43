#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { launch } from './launch.js'

// Each drawing leaves much behind, for a moment only. Left to itself V8 takes 90 MB more for that.
setFlagsFromString('--semi-space-growth-factor=1')

launch('circus-top')
