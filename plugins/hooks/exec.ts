import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalName } from '../../core/index.ts'
import type { HookContext } from './context.ts'

/** What one run writes beyond this, in characters, is dropped. */
const OUTPUT_LIMIT = 64 * 1024

/** After its end, what the command still has in its pipes is waited for so long, in milliseconds. */
const LAST_WORDS_MS = 200

/**
 * Run a command as a hook: exit status 0 is true, any other false. It has the daemon's environment and `CIRCUS_…` for
 * what the hook is about, works in `folder`, and is the leader of a process group that is killed when `signal` is
 * aborted. Lines it writes go to the log; as `extended_stats`, a JSON object on its standard output adds to the stats.
 * Rejects when it cannot be run, or is killed by a signal.
 */
export async function runCommand(argv: readonly string[], folder: string, context: HookContext): Promise<boolean> {
  const { log, signal, stats } = context
  signal.throwIfAborted()
  const [program, ...args] = argv
  const child = spawn(program!, args, {
    cwd: folder,
    env: { ...process.env, ...variables(context) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const kill = () => killGroup(child)
  signal.addEventListener('abort', kill, { once: true })
  try {
    const closed = once(child, 'close').catch(() => {})
    const output = stats ? collect(child.stdout!) : logLines(child.stdout!, (line) => log.info(line))
    logLines(child.stderr!, (line) => log.warning(line))
    const [status, signame] = await once(child, 'exit')
    // Something it left behind may keep the pipes open: that is its own affair.
    await Promise.race([closed, sleep(LAST_WORDS_MS)])
    for (const stream of [child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.()
    if (status === null) throw new Error(`it was killed by ${signame}`)
    if (stats && output) Object.assign(stats, parseStats(output.text))
    return status === 0
  } finally {
    signal.removeEventListener('abort', kill)
  }
}

/** What the hook is about, for programs in any language. */
function variables({ hook, watcher, pid, signum, exitCode, stats }: HookContext): Record<string, string> {
  return {
    CIRCUS_HOOK: hook,
    CIRCUS_WATCHER: watcher.name,
    ...(pid !== undefined && { CIRCUS_PID: String(pid) }),
    ...(signum !== undefined && { CIRCUS_SIGNUM: String(signum), CIRCUS_SIGNAL: signalName(signum) }),
    ...(typeof exitCode === 'number' && { CIRCUS_EXIT_CODE: String(exitCode) }),
    ...(stats && { CIRCUS_STATS: JSON.stringify(stats) }),
  }
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

interface Collected {
  text: string
}

function collect(stream: Readable): Collected {
  const collected = { text: '' }
  stream.setEncoding('utf8').on('data', (piece: string) => {
    if (collected.text.length < OUTPUT_LIMIT) collected.text += piece
  })
  return collected
}

function logLines(stream: Readable, log: (line: string) => void): undefined {
  let rest = ''
  let length = 0
  stream.setEncoding('utf8').on('data', (piece: string) => {
    const before = length
    length += piece.length
    if (before >= OUTPUT_LIMIT) return
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop()!
    for (const line of lines) log(line)
    if (length >= OUTPUT_LIMIT) log('(it writes more than fits here; the rest is dropped)')
  })
  stream.on('end', () => rest !== '' && length < OUTPUT_LIMIT && log(rest))
}

function parseStats(text: string): object {
  if (text.trim() === '') return {}
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  throw new Error(`extended_stats: its output is not a JSON object: ${text.slice(0, 100)}`)
}
