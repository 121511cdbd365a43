import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { ProcessSurvey } from '../../../core/index.ts'
import { type RunningArbiter, startArbiter, untilTrue } from '../../harness/index.ts'
import { startStats, ways } from './daemon.ts'
import { kernel } from './kernel.ts'

const program = (name: string) =>
  `${process.execPath} ${fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url))}`

const loads = `[watcher:busy]
cmd = sh -c "while :; do :; done"
[watcher:sleeper]
cmd = sleep 1000
[watcher:allocator]
cmd = ${program('holds-100-megabytes.ts')}
copy_env = true
[watcher:threads]
cmd = ${program('has-50-threads.ts')}
copy_env = true
[env:threads]
UV_THREADPOOL_SIZE = 50
`
const names = ['busy', 'sleeper', 'allocator', 'threads'] as const

/** The pid of each load, when it has what it is to have. */
async function settled({ arbiter }: RunningArbiter): Promise<Record<(typeof names)[number], number>> {
  const pids = Object.fromEntries(names.map((name) => [name, arbiter.watcher(name).pids[0]!]))
  const { allocator, threads } = pids as Record<(typeof names)[number], number>
  await untilTrue(() => kernel.rssBytes(allocator) > 100 * 2 ** 20, '100 MB')
  await untilTrue(() => kernel.threads(threads) > 50, '50 threads')
  return pids as Record<(typeof names)[number], number>
}

/** What lies between the answers of the kernel just before and just after something. */
async function between<T>(pids: readonly number[], look: () => Promise<T>) {
  const read = () => ({ at: performance.now(), cpu: new Map(pids.map((pid) => [pid, kernel.cpuSeconds(pid)])) })
  const earliest = read()
  const seen = await look()
  return { earliest, seen, latest: read() }
}

/** The bounds of what processor time can have been, in percent, between two looks. */
type Between = Awaited<ReturnType<typeof between>>

function bounds(pid: number, first: Between, second: Between): [least: number, most: number] {
  const seconds = (from: number, to: number) => (to - from) / 1000
  const tick = kernel.tickSeconds
  const least = second.earliest.cpu.get(pid)! - first.latest.cpu.get(pid)! - tick
  const most = second.latest.cpu.get(pid)! - first.earliest.cpu.get(pid)! + tick
  return [
    (100 * Math.max(least, 0)) / seconds(first.earliest.at, second.latest.at) - 0.05,
    (100 * most) / seconds(first.latest.at, second.earliest.at) + 0.05,
  ]
}

test('processor time is what the kernel has counted between two looks', async () => {
  await using running = await startArbiter(loads)
  const pids = await settled(running)
  const targets = Object.values(pids).map((pid) => ({ pid, startTime: null }))
  const survey = new ProcessSurvey()
  const look = () => between(Object.values(pids), () => survey.look(targets))
  const first = await look()
  const begun = kernel.cpuSeconds(pids.busy)
  await untilTrue(() => kernel.cpuSeconds(pids.busy) > begun + 1, 'a second of work')

  const second = await look()

  for (const name of names) {
    const cpu = second.seen.get(pids[name])!.cpu as number
    const [least, most] = bounds(pids[name], first, second)
    assert.ok(cpu >= least && cpu <= most, `${name}: ${cpu} is not between ${least} and ${most}`)
  }
  assert.ok((second.seen.get(pids.busy)!.cpu as number) > 0)
})

test('the command stats says the same', async () => {
  await using running = await startArbiter(loads)
  const pids = await settled(running)
  const ask = () =>
    between(Object.values(pids), async () => {
      const { infos } = await running.client.call<{ infos: Record<string, Record<string, { cpu: number }>> }>('stats')
      return infos
    })
  const first = await ask()
  const begun = kernel.cpuSeconds(pids.busy)
  await untilTrue(() => kernel.cpuSeconds(pids.busy) > begun + 1, 'a second of work')
  const second = await ask()
  for (const name of names) {
    const { cpu } = second.seen[name]![pids[name]]!
    const [least, most] = bounds(pids[name], first, second)
    assert.ok(cpu >= least && cpu <= most, `${name}: ${cpu} is not between ${least} and ${most}`)
  }
})

for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
  test(`${way}: memory, threads, descriptors and bytes are the kernel's own`, async () => {
    await using daemon = await startStats(way, loads)
    const pids = await settled(daemon)
    await using listener = await daemon.listen()
    for (const name of names) {
      const pid = pids[name]
      // Any program may take or give back a page in the moment between the look and the news of it.
      await listener.until(
        ({ topic, payload }) => topic === `stat.${name}.${pid}` && isDeepStrictEqual(told(payload), known(pid)),
      )
    }
  })
}

const told = ({ rss, threads, fds, read_bytes, write_bytes }: Readonly<Record<string, unknown>>) => [
  rss,
  threads,
  fds,
  read_bytes,
  write_bytes,
]

const known = (pid: number) => [
  kernel.rssBytes(pid),
  kernel.threads(pid),
  readdirSync(`/proc/${pid}/fd`).length,
  kernel.readBytes(pid),
  kernel.writeBytes(pid),
]
