import { properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { waiting } from './properties.ts'

/** `quit`: stop every watcher, then end the daemon. */
export const quit = defineCommand({
  name: 'quit',
  summary: 'Stop all watchers and end the daemon.',
  properties: properties({ waiting }),
  execute({ arbiter }) {
    void arbiter.stop('quit')
    return new Accepted(arbiter.watchersStopped)
  },
})
