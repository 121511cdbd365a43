import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createGround } from '../cleanup.ts'
import { memoryOf } from '../proc.ts'
import { Daemon } from '../reload/daemon.ts'
import { until } from '../reload/workers.ts'
import { percentile } from '../statistics.ts'

/** How the plugins run; `slow`: isolated, and each event takes them 5 ms. */
export type Way = 'daemon' | 'isolated' | 'slow'

/** What came through. */
export interface Throughput {
  readonly way: Way
  readonly plugins: number
  /** Events a second that were asked for; 0: as many as can be. */
  readonly asked: number
  readonly published: number
  readonly perSecond: number
  /** Events that did not come, of all plugins, in percent. */
  readonly lostPercent: number
  /** Of `list`, asked all the time meanwhile. */
  readonly listP99Ms: number
  readonly daemonRss: number
}

const own = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url))

/** Publish events for some seconds, and count what so many plugins hear. */
export async function measureThroughput(
  way: Way,
  plugins: number,
  asked: number,
  seconds: number,
): Promise<Throughput> {
  using ground = createGround()
  const files = Array.from({ length: plugins }, (_, number) => `${ground.dir}/heard-${number}`)
  const sinks = files.map(
    (file, number) =>
      `[plugin:sink-${number}]\nuse = ${own('sink')}\nfile = ${file}\n` +
      `isolate = ${way !== 'daemon'}\nbusy = ${way === 'slow' ? 5 : 0}\n`,
  )
  const ini = `[plugin:source]\nuse = ${own('source')}\n${sinks.join('')}[watcher:web]\ncmd = sleep ${ground.seconds}\n`
  await using daemon = await Daemon.start(ground, ini)
  await until(() => files.every((file) => read(file) === 0), 'plugins at work')
  const answers: number[] = []
  let flooding = true
  const asking = (async () => {
    while (flooding) {
      const began = performance.now()
      await daemon.client.call('list')
      answers.push(performance.now() - began)
      await delay(5)
    }
  })()
  const reply = await daemon.client.call<{ published: number; seconds: number }>('flood', {
    rate: asked,
    seconds,
    waiting: true,
  })
  flooding = false
  await asking
  const daemonRss = memoryOf([daemon.child.pid!]).rssBytes
  const heard = await settled(files, reply.published)
  return {
    way,
    plugins,
    asked,
    published: reply.published,
    perSecond: reply.published / reply.seconds,
    lostPercent: 100 * (1 - heard / (reply.published * plugins)),
    listP99Ms: percentile(answers, 99) ?? Number.NaN,
    daemonRss,
  }
}

const read = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8') || Number.NaN)
  } catch {
    return Number.NaN
  }
}

/** What all have heard, once that is everything, or nothing has come for a second. */
async function settled(files: readonly string[], published: number): Promise<number> {
  let [last, quiet] = [-1, 0]
  for (;;) {
    const heard = files.reduce((sum, file) => sum + (read(file) || 0), 0)
    quiet = heard === last ? quiet + 1 : 0
    if (heard === published * files.length || quiet > 10) return heard
    last = heard
    await delay(100)
  }
}
