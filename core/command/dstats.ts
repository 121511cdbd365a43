import { LoopDelay } from '../loop-delay.ts'
import { ownProcessInfo } from '../process-looks.ts'
import { flag, properties } from '../schema.ts'
import { packageVersion } from '../version.ts'
import { defineCommand } from './command.ts'

/** There is one event loop, however many arbiters. */
const loopDelay = new LoopDelay()

/**
 * `dstats`: what the daemon itself uses. Reply: `info`; with `extended` also `version`, that of `node`, and `loop_delay: {count,
 * sum, buckets: [[bound, count]]}`: a histogram, in seconds, of how late its event loop was since that was first asked for. It
 * grows while somebody asks.
 */
export const dstats = defineCommand({
  name: 'dstats',
  summary: 'Show what the daemon itself uses.',
  readOnly: true,
  properties: properties({ extended: flag('its version, and how late its event loop was, too') }),
  execute: (_context, { extended }) => ({
    info: ownProcessInfo(),
    ...(extended && { version: packageVersion(), node: process.version, loop_delay: loopDelay.ask() }),
  }),
})
