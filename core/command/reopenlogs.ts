import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `reopenlogs`: have the daemon's log and all files that output goes to opened anew, after logrotate has moved them away.
 * New: the original has SIGHUP for it, which restarts processes as well. The reply comes when it is done, so that nothing
 * is written to the old files any more.
 *
 * Errors `ERR_REOPEN_FAILED`
 */
export const reopenlogs = defineCommand({
  name: 'reopenlogs',
  summary: 'Open the log and all files of output anew.',
  role: 'operate',
  properties: properties({}),
  execute: ({ arbiter }) => arbiter.reopenLogs(),
})
