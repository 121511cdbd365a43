import { setTimeout as delay } from 'node:timers/promises'
import { createGround } from '../cleanup.ts'
import { commandLine, cpuSeconds, memoryOf, withDescendants } from '../proc.ts'
import { Daemon } from '../reload/daemon.ts'
import { until } from '../reload/workers.ts'
import { Sleepers } from '../sleepers.ts'
import { Listening } from './listening.ts'

/** How the stats are made. `off`: not at all; `unheard`: the plugin is there, and nobody listens. */
export type Way = 'off' | 'unheard' | 'daemon' | 'isolated'

/** What one daemon needed in one way. */
export interface Cost {
  readonly way: Way
  readonly processes: number
  /** Of the daemon and, where there is one, the process of the plugin; without the part of it that it took to start. */
  readonly cpuSecondsPerMinute: number
  readonly daemonRss: number
  /** Of the process of the plugin. */
  readonly pluginRss?: number
  readonly pluginPss?: number
  /** Messages a second. */
  readonly heard: number
}

/** Keep so many processes for `seconds`, and count what that takes with a look every second. */
export async function measureCost(way: Way, processes: number, seconds: number): Promise<Cost> {
  using ground = createGround()
  const endpoint = `ipc://${ground.dir}/stats`
  const circus = way === 'off' ? '' : `stats_endpoint = ${endpoint}\n`
  const section = way === 'isolated' ? '[plugin:stats]\nisolate = true\n' : ''
  const ini = `${circus}${section}[watcher:sleep]\ncmd = sleep ${ground.seconds}\nnumprocesses = ${processes}\n`
  using sleepers = new Sleepers(ground.seconds)
  await using daemon = await Daemon.start(ground, ini)
  await sleepers.until(processes)
  const pid = daemon.child.pid!
  const plugin = way === 'isolated' ? await pluginOf(pid) : undefined
  const pids = plugin === undefined ? [pid] : [pid, plugin]
  await delay(2_000)
  using listening = way === 'daemon' || way === 'isolated' ? await Listening.to(endpoint) : undefined
  // The first looks read the names of all.
  await delay(2_000)
  const [begun, before] = [performance.now(), cpuSeconds(pids)]
  await delay(seconds * 1_000)
  const minutes = (performance.now() - begun) / 60_000
  const cpuSecondsPerMinute = (cpuSeconds(pids) - before) / minutes
  const own = plugin === undefined ? undefined : memoryOf([plugin])
  const daemonRss = memoryOf([pid]).rssBytes
  const heard = listening ? (await listening.end()) / (seconds + 2) : 0
  return {
    way,
    processes,
    cpuSecondsPerMinute,
    daemonRss,
    ...(own && { pluginRss: own.rssBytes, pluginPss: own.pssBytes }),
    heard,
  }
}

/** The process of an isolated plugin, by the name that it gives itself. */
async function pluginOf(daemon: number): Promise<number> {
  const find = () => withDescendants([daemon]).find((pid) => commandLine(pid)?.[0]?.startsWith('circus-plugin'))
  await until(() => find() !== undefined, 'a process of the plugin')
  return find()!
}
