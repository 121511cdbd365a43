import { definePlugin } from '../../core/index.ts'
import { options, watcherOptions } from './options.ts'
import { Patient } from './patient.ts'

/** Stops a watcher whose processes die too often, starts it again later, and gives it up in the end. */
export default definePlugin({
  name: 'flapping',
  summary: 'Stops watchers whose processes die too often, and tries again later.',
  options,
  watcherOptions: { prefix: 'flapping', schema: watcherOptions },
  setup(circus, defaults) {
    const patients = new Map<string, Patient>()
    const patient = (watcher: string): Patient => {
      const known = patients.get(watcher)
      if (known) return known
      const added = new Patient(circus, watcher, defaults)
      patients.set(watcher, added)
      return added
    }
    const pid = (event: { readonly [field: string]: unknown }) => event['process_pid'] as number
    circus.on('spawn', (event) => patient(event.watcher).deaths.spawned(pid(event), event.time))
    circus.on('kill', (event) => patient(event.watcher).deaths.asked(pid(event)))
    circus.on('reap', (event) => patient(event.watcher).onReap(pid(event), event.time))
    circus.on('stop', ({ watcher }) => patient(watcher).onStop())
    circus.on('start', ({ watcher }) => patient(watcher).onStart())
    circus.on('updated', ({ watcher }) => patient(watcher).onUpdated())
    circus.on('remove', ({ watcher }) => {
      patients.get(watcher)?.discharge()
      patients.delete(watcher)
    })
  },
})
