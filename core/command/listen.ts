import { KernelError } from '../errors.ts'
import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/** `listen`: not a command of this channel; says where events are. Errors: always `ERR_LISTEN_ELSEWHERE`. */
export const listen = defineCommand({
  name: 'listen',
  summary: 'Events are on the pub/sub channel.',
  readOnly: true,
  properties: properties({}),
  execute({ arbiter }) {
    throw new KernelError('ERR_LISTEN_ELSEWHERE', [arbiter.endpoints.events])
  },
})
