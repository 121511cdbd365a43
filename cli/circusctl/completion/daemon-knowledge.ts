import type { ControlCommand } from '../command.ts'
import { commandLoaders } from '../commands/index.ts'
import type { Daemon } from '../daemon.ts'
import type { Knowledge } from './values.ts'

/**
 * What `circusctl` knows by itself, and a daemon on top. Without one, or when it does not answer, it is just the former:
 * nobody who presses Tab wants to read errors.
 */
export function daemonKnowledge(daemon: Daemon | undefined): Knowledge {
  const ask = async (command: string, properties: Record<string, unknown>, field: string): Promise<unknown> => {
    try {
      return (await daemon?.call(command, properties))?.[field]
    } catch {
      return undefined
    }
  }
  const remote = async (): Promise<ControlCommand[]> => {
    if (!daemon) return []
    const { remoteCommands } = await import('../remote-commands.ts')
    return remoteCommands(daemon).catch(() => [])
  }
  return {
    async commands() {
      const own = Promise.all(Object.values(commandLoaders).map((load) => load()))
      return (await Promise.all([own, ofPackages(), remote()])).flat()
    },
    async command(name) {
      if (Object.hasOwn(commandLoaders, name)) return commandLoaders[name]?.()
      const known = [...(await remote()), ...(await ofPackages())]
      return known.find((command) => command.name === name)
    },
    async watchers() {
      return Object(await ask('status', {}, 'statuses'))
    },
    async pids(name) {
      const pids = await ask('list', { name }, 'pids')
      return Array.isArray(pids) ? pids : []
    },
    async options(name) {
      return Object(await ask('options', { name }, 'options'))
    },
    async globalOptions() {
      return Object(await ask('globaloptions', {}, 'options'))
    },
  }
}

/** The commands that packages bring, by their first words. */
async function ofPackages(): Promise<ControlCommand[]> {
  const { packageCommands } = await import('../extensions/packages.ts')
  return packageCommands()
}
