import { createGround } from '../cleanup.ts'
import { descriptorCount } from '../proc.ts'
import { Sleepers } from '../sleepers.ts'
import { Daemon } from './daemon.ts'

/** What many sockets cost. */
export interface ManyFigures {
  readonly sockets: number
  readonly watchers: number
  readonly startMs: number
  readonly reloadMs: number
  readonly stopMs: number
  /** Descriptors of the daemon beyond those it had before it started, reloaded and stopped everything once more. */
  readonly leaked: number
}

const sockets = 200
const watchers = 50

/** Every watcher has every socket. */
export async function measureMany(): Promise<ManyFigures> {
  using ground = createGround()
  const { seconds } = ground
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
  const ini = [
    ...numbers(sockets).map((number) => `[socket:s${number}]\nhost = 127.0.0.1\nport = 0\n`),
    ...numbers(watchers).map((number) => `[watcher:w${number}]\ncmd = sleep ${seconds}\nuse_sockets = true\n`),
  ]
  using sleepers = new Sleepers(seconds)
  await using daemon = await Daemon.start(ground, ini.join(''))
  const pid = daemon.child.pid!
  await sleepers.until(watchers)
  const timed = async (command: string) => {
    const begin = performance.now()
    await daemon.client.call(command, { name: 'w*', match: 'glob', waiting: true })
    return performance.now() - begin
  }
  await timed('reload')
  await timed('stop')
  const before = descriptorCount(pid)
  const startMs = await timed('start')
  const reloadMs = await timed('reload')
  const stopMs = await timed('stop')
  const leaked = descriptorCount(pid) - before
  return { sockets, watchers, startMs, reloadMs, stopMs, leaked }
}
