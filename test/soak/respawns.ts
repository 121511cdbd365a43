import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createGround } from '../bench/cleanup.ts'
import { launch, tail } from '../bench/command.ts'
import { descriptorCount, memoryOf, withDescendants } from '../bench/proc.ts'
import { Sleepers } from '../bench/sleepers.ts'

// Kills processes of a real daemon as soon as they live, and asserts that so many respawns leave nothing behind:
//   node test/soak/respawns.ts [--respawns 10000]

const processes = 20
const memoryAllowanceBytes = 10e6
const circusd = join(import.meta.dirname, '../../cli/bin/circusd.js')

const { values } = parseArgs({ options: { respawns: { type: 'string', default: '10000' } } })
const respawns = Number(values.respawns)
if (!Number.isInteger(respawns) || respawns < 100) throw new RangeError('--respawns must be a whole number from 100')
/** By then the daemon has compiled and allocated what it needs for a respawn. */
const warmup = Math.ceil(respawns / 10)

using ground = createGround()
const { dir, seconds } = ground
const ini = join(dir, 'circus.ini')
writeFileSync(
  ini,
  `[circus]
endpoint = ipc://${dir}/control
pubsub_endpoint = ipc://${dir}/events

[watcher:mayfly]
cmd = sleep ${seconds}
numprocesses = ${processes}
respawn_delay = 0
`,
)

using sleepers = new Sleepers(seconds)
const daemon = launch({ argv: [process.execPath, circusd, ini] }, dir, 'circusd').pid!
let done = 0
try {
  const begin = performance.now()
  await sleepers.until(processes)
  const atStart = await takeStock()
  await killUntil(warmup)
  const warm = await takeStock()
  await killUntil(respawns)
  const atEnd = await takeStock()

  const elapsed = ((performance.now() - begin) / 1000).toFixed(1)
  const [start, early, end] = [atStart, warm, atEnd].map(({ rssBytes }) => (rssBytes / 1e6).toFixed(1))
  console.log(
    `${done} respawns in ${elapsed} s: descriptors ${atStart.descriptors} → ${atEnd.descriptors}, ` +
      `children ${atStart.children} → ${atEnd.children}, ` +
      `RSS ${start} MB → ${early} (after ${warmup}) → ${end}`,
  )
  if (atEnd.descriptors !== atStart.descriptors) fail('the daemon has not as many descriptors open as at the start')
  if (atEnd.children !== atStart.children) fail('the daemon has not as many children as at the start')
  if (atEnd.rssBytes - warm.rssBytes > memoryAllowanceBytes) {
    fail(`the daemon's memory has grown by more than ${memoryAllowanceBytes / 1e6} MB since the first ${warmup}`)
  }
} catch (error) {
  fail(`after ${done} respawns: ${error instanceof Error ? error.message : error}\n${tail(dir, 'circusd')}`)
}

async function killUntil(total: number): Promise<void> {
  while (done < total) {
    const victims = [...sleepers.alive.keys()]
    for (const pid of victims) {
      sleepers.forget(pid)
      process.kill(pid, 'SIGKILL')
    }
    await sleepers.until(processes)
    done += victims.length
  }
}

/** What the daemon holds, once it has had time to put things away. */
async function takeStock(): Promise<{ descriptors: number; children: number; rssBytes: number }> {
  await delay(2_000)
  return {
    descriptors: descriptorCount(daemon),
    children: withDescendants([daemon]).length - 1,
    rssBytes: memoryOf([daemon]).rssBytes,
  }
}

function fail(reason: string): void {
  console.error(reason)
  process.exitCode = 1
}
