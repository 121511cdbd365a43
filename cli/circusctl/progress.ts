import type { Daemon } from './daemon.ts'
import { terminalOf } from './output.ts'
import { printable, widthOf } from './table.ts'
import { formatSeconds } from './units.ts'

/** Work that is done sooner shows nothing. */
const patienceMs = 400
const redrawMs = 100
const askMs = 500

/** There is one line only; when several daemons work at once, the first one has it. */
let isTaken = false

/** So many pids are named. */
const maxPids = 5

/**
 * One line on the terminal of standard error that tells what is waited for and since when; rewritten in place, gone in
 * the end. Nothing where standard error is no terminal, or one that cannot rewrite a line.
 *
 * @param title What is done: `restart web`.
 * @param ask What is awaited right now; asked again and again.
 */
export async function withProgress<T>(title: string, ask: () => Promise<string>, work: () => Promise<T>): Promise<T> {
  const terminal = terminalOf(process.stderr)
  if (!terminal || process.env.TERM === 'dumb' || isTaken) return work()
  isTaken = true
  const begun = performance.now()
  let detail = ''
  let shown = false
  let isAsking = false
  let askedAt = Number.NEGATIVE_INFINITY
  const clear = () => {
    if (shown) process.stderr.write('\r\x1b[K')
    shown = false
  }
  const draw = () => {
    const now = performance.now()
    if (!isAsking && now - askedAt >= askMs) {
      isAsking = true
      void ask()
        .then((answer) => (detail = answer))
        .catch(() => {}) // the work itself tells what is wrong
        .finally(() => {
          isAsking = false
          askedAt = performance.now()
        })
    }
    if (now - begun < patienceMs) return
    const text = printable(`${title}  ${formatSeconds((now - begun) / 1_000)}${detail && `  ${detail}`}`)
    process.stderr.write(`\r\x1b[K${terminal.paint('dim', cut(text, terminal.columns - 1))}`)
    shown = true
  }
  const stop = () => {
    clear()
    process.kill(process.pid, 'SIGINT')
  }
  const timer = setInterval(draw, redrawMs)
  process.once('SIGINT', stop)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    process.off('SIGINT', stop)
    clear()
    isTaken = false
  }
}

/**
 * What watchers are on their way to, with the processes that still live: `web stopping: 4711, 4712`.
 *
 * @param name A watcher's name or pattern. All of them without it.
 */
export async function awaited(daemon: Daemon, name: string | undefined): Promise<string> {
  const { statuses } = await daemon.call('status')
  const moving = Object.entries(Object(statuses) as Record<string, string>).filter(
    ([watcher, status]) => isMeant(watcher, name) && status !== 'active' && status !== 'stopped',
  )
  const [first] = moving
  if (!first) return ''
  const { pids } = await daemon.call('list', { name: first[0] })
  const more = moving.length > 1 ? ` and ${moving.length - 1} more` : ''
  return `${first.join(' ')}${some(pids as number[])}${more}`
}

function some(pids: readonly number[]): string {
  if (pids.length === 0) return ''
  const rest = pids.length > maxPids ? ` +${pids.length - maxPids}` : ''
  return `: ${pids.slice(0, maxPids).join(', ')}${rest}`
}

/** Good enough for a line that comes and goes: the daemon decides which watchers a pattern means. */
function isMeant(watcher: string, name: string | undefined): boolean {
  return name === undefined || /[*?[\]]/.test(name) || watcher.toLowerCase() === name.toLowerCase()
}

function cut(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
