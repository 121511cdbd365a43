import type { ControlCommand } from '../command.ts'

/** Every command of `circusctl`, each loaded when it is asked for. */
export const commandLoaders: Readonly<Record<string, () => Promise<ControlCommand>>> = {
  add: async () => (await import('./add.ts')).add,
  commands: async () => (await import('./commands.ts')).commands,
  decr: async () => (await import('./decr.ts')).decr,
  get: async () => (await import('./get.ts')).get,
  globaloptions: async () => (await import('./globaloptions.ts')).globaloptions,
  incr: async () => (await import('./incr.ts')).incr,
  kill: async () => (await import('./kill.ts')).kill,
  list: async () => (await import('./list.ts')).list,
  listen: async () => (await import('./listen.ts')).listen,
  numprocesses: async () => (await import('./numprocesses.ts')).numprocesses,
  numwatchers: async () => (await import('./numwatchers.ts')).numwatchers,
  options: async () => (await import('./options.ts')).options,
  quit: async () => (await import('./quit.ts')).quit,
  reload: async () => (await import('./reload.ts')).reload,
  reloadconfig: async () => (await import('./reloadconfig.ts')).reloadconfig,
  restart: async () => (await import('./restart.ts')).restart,
  rm: async () => (await import('./rm.ts')).rm,
  set: async () => (await import('./set.ts')).set,
  signal: async () => (await import('./signal.ts')).signal,
  start: async () => (await import('./start.ts')).start,
  status: async () => (await import('./status.ts')).status,
  stop: async () => (await import('./stop.ts')).stop,
}
