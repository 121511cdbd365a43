import { ReplyError } from '../../core/client.ts'
import type { Daemon } from '../circusctl/daemon.ts'
import type { Terminal } from '../circusctl/output.ts'
import { harmless } from '../circusctl/tail/harmless.ts'
import { fieldsOf, number } from './figures.ts'
import type { Row } from './rows.ts'
import { cell, withoutTabs } from './text.ts'

/** What the daemon keeps of what processes wrote. */
export type Output =
  | { readonly id: 'waiting' }
  | { readonly id: 'lines'; readonly lines: readonly OutputLine[] }
  | { readonly id: 'none'; readonly why: string }

interface OutputLine {
  readonly pid: number | undefined
  readonly stream: string
  readonly time: number | undefined
  readonly line: string
}

/** Errno of a reply to a command that the daemon does not have. */
const unknownCommand = 2

/** Ask for the last lines that the processes of a row wrote. Never rejects. */
export async function askOutput(daemon: Daemon, { target }: Row, lines: number): Promise<Output> {
  if (!target) return { id: 'none', why: 'no watcher is selected' }
  const { watcher: name, pid } = target
  try {
    // A name may look like a pattern.
    const reply = await daemon.call('tail', { name, match: 'simple', ...(pid !== undefined && { pid }), lines })
    return { id: 'lines', lines: Object.values(fieldsOf(reply.lines)).map(readLine) }
  } catch (error) {
    if (!(error instanceof ReplyError)) return { id: 'none', why: (error as Error).message }
    return { id: 'none', why: error.errno === unknownCommand ? 'this daemon keeps no output' : String(error.reason) }
  }
}

function readLine(value: unknown): OutputLine {
  const { pid, stream, time, line } = fieldsOf(value)
  return { pid: number(pid), stream: String(stream ?? ''), time: number(time), line: String(line ?? '') }
}

/** The newest lines that fit, the newest last, below whose they are. */
export function drawOutput(output: Output, row: Row, terminal: Terminal, height: number): string[] {
  const { columns, paint } = terminal
  const title = paint('bold', cell(`Output of ${row.label}`, columns).trimEnd())
  switch (output.id) {
    case 'waiting':
      return [title]
    case 'none':
      return [title, paint('yellow', cell(`  ${output.why}`, columns).trimEnd())]
    case 'lines':
      if (output.lines.length === 0) return [title, '  nothing so far']
      return [title, ...output.lines.slice(1 - height || output.lines.length).map((line) => drawLine(line, terminal))]
  }
}

function drawLine({ pid, stream, time, line }: OutputLine, { columns, paint }: Terminal): string {
  const at = time === undefined ? '' : new Date(time * 1_000).toTimeString().slice(0, 8)
  const start = [at, String(pid ?? '').padStart(7)].filter(Boolean).join(' ')
  // Colours are left out: half a line of them would colour what comes after it.
  const shown = withoutTabs(harmless(line, { colours: false }))
  const text = cell(shown, Math.max(0, columns - start.length - 2)).trimEnd()
  return `${paint('dim', start)}  ${stream === 'stderr' ? paint('red', text) : text}`
}
