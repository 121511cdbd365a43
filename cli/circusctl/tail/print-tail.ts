import type { Session } from '../command.ts'
import { askTail, isPattern, type Tail, type Wanted } from './ask.ts'
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
  tellTruncated(tail)
  return 0
}

/** Say so when older lines were left out. */
export function tellTruncated({ truncated }: Tail): void {
  if (truncated)
    process.stderr.write('circusctl tail: older lines were left out: a daemon sends a MiB of them at most\n')
}

/** Whether lines come from more than one place, now or later: then each says from where. */
export function isMixed({ watchers, processes }: Tail, { names, pid, match }: Wanted): boolean {
  const [name] = names
  if (pid !== undefined) return false
  if (names.length !== 1 || watchers.length > 1 || isPattern(name!, match)) return true
  return processes.filter(({ running }) => running).length > 1
}
