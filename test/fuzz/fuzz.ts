import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CircusClient } from '../../core/index.ts'
import { deaf, hasty, patient, stranger } from './clients.ts'
import { FuzzedDaemon, keepers, victims } from './daemon.ts'
import { Random } from './random.ts'
import { Requests, type Target } from './requests.ts'

/** How long the daemon took for a harmless question, in milliseconds. */
export interface Latency {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What became of the daemon. */
export interface FuzzReport {
  readonly requests: number
  readonly seconds: number
  /** Of error replies by their codes, of others under `ok`. */
  readonly replies: Readonly<Record<string, number>>
  /** Replies that no request may have: not JSON, without the fields of every reply, or an internal failure. */
  readonly bad: readonly string[]
  readonly during: Latency
  readonly after: Latency
  readonly descriptors: readonly [before: number, after: number]
  readonly rssMegabytes: readonly [before: number, warm: number, after: number]
  /** What is not as it was: watchers, their options or their processes. */
  readonly wrong: readonly string[]
  /** The daemon's log. */
  readonly log: string
}

/** Confuse a daemon of its own with so many requests, from many clients at once. */
export async function fuzz({ requests, seed }: { requests: number; seed: number }): Promise<FuzzReport> {
  await using daemon = new FuzzedDaemon()
  await daemon.ready()
  await using client = new CircusClient({ endpoint: daemon.endpoint, timeoutMs: 30_000 })
  const random = new Random(seed)
  const generator = new Requests(random, await targetOf(client))
  const replies: Record<string, number> = {}
  const bad: string[] = []
  const onReply = (reply: Buffer) => {
    const kind = kindOf(reply)
    replies[kind] = (replies[kind] ?? 0) + 1
    if (/^(bad|ERR_INTERNAL)/.test(kind) && bad.length < 20) bad.push(String(reply).slice(0, 300))
  }
  await tidy(client)
  const before = await settledStock(daemon)
  const state = await stateOf(client)
  const prober = startProber(daemon.endpoint)
  try {
    const begin = performance.now()
    /** By then the daemon has compiled and allocated what it needs. */
    const warmup = Math.ceil(requests / 5)
    await storm(daemon.endpoint, supplyOf(generator, warmup), random, onReply)
    await daemon.quiet()
    await tidy(client)
    const warm = await settledStock(daemon)
    await storm(daemon.endpoint, supplyOf(generator, requests - warmup), random, onReply)
    await daemon.quiet()
    const seconds = (performance.now() - begin) / 1_000
    const during = await prober.latency()
    await tidy(client)
    await prober.latency()
    await sleep(1_000)
    const after = await prober.latency()
    prober.end()
    await prober.ended
    const end = await settledStock(daemon)
    const wrong = [...differences(state, await stateOf(client)), ...(await strayProcesses(daemon))]
    const exitCode = await daemon.quit()
    if (exitCode !== 0) wrong.push(`asked to quit it ends with ${exitCode}`)
    return {
      requests,
      seconds,
      replies,
      bad,
      during,
      after,
      descriptors: [before.descriptors, end.descriptors],
      rssMegabytes: [before.rssBytes / 1e6, warm.rssBytes / 1e6, end.rssBytes / 1e6],
      wrong,
      log: daemon.log,
    }
  } catch (error) {
    throw new Error(`${error}\n${daemon.log.slice(-3_000)}`, { cause: error })
  } finally {
    prober.end()
  }
}

async function targetOf(client: CircusClient): Promise<Target> {
  const { commands } = await client.call<Pick<Target, 'commands'>>('commands')
  const { options } = await client.call<{ options: object }>('options', { name: 'keeper' })
  return { commands, victims, keepers: Object.keys(keepers), options: Object.keys(options) }
}

function supplyOf(generator: Requests, count: number): () => Buffer[] | undefined {
  let left = count
  return () => (left-- > 0 ? generator.next() : undefined)
}

async function storm(
  endpoint: string,
  supply: () => Buffer[] | undefined,
  random: Random,
  onReply: (reply: Buffer) => void,
): Promise<void> {
  let under = true
  const strangers = stranger(endpoint.slice('ipc://'.length), random, () => under)
  await Promise.all([
    ...Array.from({ length: 8 }, () => patient(endpoint, supply, onReply)),
    ...Array.from({ length: 3 }, () => hasty(endpoint, supply, random)),
    deaf(endpoint, supply),
  ])
  under = false
  await strangers
}

function kindOf(reply: Buffer): string {
  let read: { status?: unknown; time?: unknown; id?: unknown; code?: unknown; errno?: unknown; reason?: unknown }
  try {
    read = JSON.parse(String(reply))
  } catch {
    return 'bad: not JSON'
  }
  if (typeof read.time !== 'number' || !('id' in read)) return 'bad: fields are missing'
  if (read.status !== 'error') return typeof read.status === 'string' ? 'ok' : 'bad: status'
  if (typeof read.errno !== 'number' || typeof read.reason !== 'string') return 'bad: fields of errors are missing'
  return String(read.code)
}

/** Take away what was added, have all work done, and leave nothing running but the keepers. */
async function tidy(client: CircusClient): Promise<void> {
  const own = new Set([...Object.keys(keepers), ...victims])
  const { statuses } = await client.call<{ statuses: Record<string, string> }>('status')
  for (const name of Object.keys(statuses)) {
    if (!own.has(name)) await client.call('rm', { name, waiting: true })
  }
  await client.call('stop', { waiting: true })
  for (const name of Object.keys(keepers)) await client.call('start', { name, match: 'simple', waiting: true })
}

async function settledStock(daemon: FuzzedDaemon) {
  await sleep(1_500)
  return daemon.stock()
}

/** What clients see of the watchers that nothing may be changed of. */
async function stateOf(client: CircusClient): Promise<Record<string, string>> {
  const state: Record<string, string> = {}
  for (const name of Object.keys(keepers)) {
    const { status } = await client.call<{ status: string }>('status', { name })
    const { pids } = await client.call<{ pids: number[] }>('list', { name })
    const { options } = await client.call<{ options: object }>('options', { name })
    state[name] = JSON.stringify({ status, processes: pids.length, options })
  }
  return state
}

function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before)
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} was ${before[name]} and is ${after[name]}`)
}

/** Processes that nobody wants, once those that are being stopped had their time. */
async function strayProcesses(daemon: FuzzedDaemon): Promise<string[]> {
  const wanted = Object.values(keepers).reduce((sum, count) => sum + count, 0)
  for (let tries = 0; tries < 50 && daemon.processes !== wanted; tries++) await sleep(100)
  return daemon.processes === wanted ? [] : [`there are ${daemon.processes} processes in place of ${wanted}`]
}

function startProber(endpoint: string) {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'prober.ts'), endpoint], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  return {
    ended,
    /** What it measured since the last time this was asked. */
    async latency(): Promise<Latency> {
      child.stdin!.write('\n')
      const [text] = await Promise.race([once(child.stdout!, 'data'), ended.then(() => ['{}'])])
      return JSON.parse(String(text))
    },
    end: () => child.stdin!.end(),
  }
}
