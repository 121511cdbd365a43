import { properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { waiting } from './properties.ts'

/** `reloadconfig`: read the configuration again and apply what differs. Errors: `ERR_CONFIG_INVALID`, nothing is changed then. */
export const reloadconfig = defineCommand({
  name: 'reloadconfig',
  summary: 'Read the configuration again and apply what differs.',
  properties: properties({ waiting }),
  async execute({ arbiter }) {
    const apply = await arbiter.readConfigAgain()
    return new Accepted(apply())
  },
})
