import type { Session } from '../command.ts'
import { askTail, type Tail, type Wanted } from './ask.ts'
import { LinePrinter } from './line-printer.ts'

/** Print the last lines, and with `follow` what comes, until Ctrl-C. Resolves to the exit code. */
export async function printTail(session: Session, wanted: Wanted, follow: boolean): Promise<number> {
  const { daemon, output, json } = session
  if (follow) {
    const { followTail } = await import('./follow-tail.ts')
    return followTail(session, wanted)
  }
  const tail = await askTail(daemon, wanted, wanted.lines)
  new LinePrinter(output, { json, prefixed: isMixed(tail, wanted) }).print(tail.lines)
  return 0
}

/** Whether lines come from more than one place, now or later: then each says from where. */
export function isMixed({ watchers, processes }: Tail, { names, match }: Wanted): boolean {
  const [name] = names
  if (names.length !== 1 || watchers.length > 1 || match === 'regex') return true
  if (match !== 'simple' && /[*?[]/.test(name!)) return true
  return processes.filter(({ running }) => running).length > 1
}
