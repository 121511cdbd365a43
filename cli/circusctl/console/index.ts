import { version } from '../../version.ts'
import type { Flags } from '../command.ts'
import { ConsoleSession } from './session.ts'

/**
 * `circusctl` without a command: the console on a terminal, the lines of standard input otherwise. Resolves to the exit
 * code.
 */
export async function openConsole(flags: Flags, argv: readonly string[]): Promise<number> {
  const interactive = process.stdin.isTTY && process.stdout.isTTY
  await using session = new ConsoleSession({ flags, argv, interactive })
  if (!interactive) {
    const { runBatch } = await import('./batch.ts')
    return await runBatch(session)
  }
  process.stdout.write(`circusctl ${version()}\n`)
  const { converse } = await import('./converse.ts')
  await converse(session)
  return 0
}
