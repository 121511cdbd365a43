import { ownProcessInfo } from '../process-looks.ts'
import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/** `dstats`: what the daemon itself uses. Reply: `info`. */
export const dstats = defineCommand({
  name: 'dstats',
  summary: 'Show what the daemon itself uses.',
  readOnly: true,
  properties: properties({}),
  execute: () => ({ info: ownProcessInfo() }),
})
