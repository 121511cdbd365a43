import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EventSubscriber } from '../../../core/client.ts'
import { createGround } from '../cleanup.ts'
import { cpuSeconds, readShort } from '../proc.ts'
import { Daemon } from '../reload/daemon.ts'
import { until } from '../reload/workers.ts'

/** What the channel said of one load, beside what the kernel has counted. */
export interface Comparison {
  readonly load: string
  /** Percent of one processor over the whole time: the mean of all messages, by the time that each stands for. */
  readonly toldCpu: number
  readonly kernelCpu: number
  /** The memory of the last message, and what the kernel said when that came. */
  readonly toldRss: number
  readonly kernelRss: number
  /** Messages whose memory was what the kernel said when they came. */
  readonly equal: number
  readonly messages: number
  readonly threads: number
}

const programs = join(import.meta.dirname, '../../fixtures/programs')
const loads: Readonly<Record<string, string>> = {
  busy: 'sh -c "while :; do :; done"',
  sleeper: 'sleep 100000',
  allocator: `${process.execPath} ${join(programs, 'holds-100-megabytes.ts')}`,
  threads: `${process.execPath} ${join(programs, 'has-50-threads.ts')}`,
}
const pageBytes = 4096

/** Known loads for so many seconds. */
export async function measureAccuracy(seconds: number): Promise<Comparison[]> {
  using ground = createGround()
  const endpoint = `ipc://${ground.dir}/stats`
  const watchers = Object.entries(loads).map(([name, cmd]) => `[watcher:${name}]\ncmd = ${cmd}\ncopy_env = true\n`)
  const ini = `stats_endpoint = ${endpoint}\n${watchers.join('')}[env:threads]\nUV_THREADPOOL_SIZE = 50\n`
  await using daemon = await Daemon.start(ground, ini)
  const pidOf = async (name: string) => (await daemon.client.call<{ pids: number[] }>('list', { name })).pids[0]
  const pids = await Promise.all(
    Object.keys(loads).map(async (name) => {
      await until(async () => (await pidOf(name)) !== undefined, `a process of ${name}`)
      return [name, (await pidOf(name))!] as const
    }),
  )
  // Node takes a moment to start.
  await delay(3_000)
  const subscriber = new EventSubscriber({ endpoint, topics: ['stat.'] })
  const watches = new Map(pids.map(([name, pid]) => [`stat.${name}.${pid}`, new Watch(name, pid)]))
  const timer = setTimeout(() => void subscriber.close(), seconds * 1_000)
  for await (const { topic, payload } of subscriber.messages()) watches.get(topic)?.hear(payload)
  clearTimeout(timer)
  return [...watches.values()].map((watch) => watch.compare())
}

/** What was heard of one load. */
class Watch {
  readonly #load: string
  readonly #pid: number
  #begin: { readonly cpuSeconds: number; readonly at: number } | undefined
  #end = { cpuSeconds: 0, at: 0 }
  #age = 0
  #told = 0
  #passed = 0
  #messages = 0
  #equal = 0
  #last = { toldRss: 0, kernelRss: 0, threads: 0 }

  constructor(load: string, pid: number) {
    this.#load = load
    this.#pid = pid
  }

  hear(payload: Readonly<Record<string, unknown>>): void {
    const kernelRss = Number(readShort(`/proc/${this.#pid}/statm`)?.split(' ')[1]) * pageBytes
    const [toldRss, age] = [Number(payload['rss']), Number(payload['age'])]
    this.#end = { cpuSeconds: cpuSeconds([this.#pid]), at: performance.now() }
    // What the first one says is about the time before.
    if (this.#begin) {
      this.#told += Number(payload['cpu']) * (age - this.#age)
      this.#passed += age - this.#age
    }
    this.#begin ??= this.#end
    this.#age = age
    this.#messages++
    if (toldRss === kernelRss) this.#equal++
    this.#last = { toldRss, kernelRss, threads: Number(payload['threads']) }
  }

  compare(): Comparison {
    const begin = this.#begin ?? this.#end
    const elapsed = (this.#end.at - begin.at) / 1_000
    return {
      load: this.#load,
      toldCpu: this.#told / this.#passed,
      kernelCpu: (100 * (this.#end.cpuSeconds - begin.cpuSeconds)) / elapsed,
      ...this.#last,
      equal: this.#equal,
      messages: this.#messages,
    }
  }
}
