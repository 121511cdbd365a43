import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { reportVariable } from './options.ts'
import { readyMark } from './reporter.ts'

/**
 * `circusd --daemon`: start the same command line in a session of its own, without a terminal, and wait until it
 * reports that the watchers are started and the endpoints bound. What it has to say before that goes to standard
 * error. Resolves to the exit code: 0, or 1 when it ended before it was ready.
 */
export async function daemonize(argv: readonly string[]): Promise<number> {
  const [, program] = process.argv
  const child = spawn(process.execPath, [...process.execArgv, String(program), ...argv], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, [reportVariable]: '3' },
  })
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  process.on('SIGINT', pass).on('SIGTERM', pass)
  const reports = child.stdio[3] as Readable
  const exited = once(child, 'exit')
  let told = false
  for await (const chunk of reports.setEncoding('utf8')) {
    const [before, after] = String(chunk).split(readyMark)
    told ||= before !== ''
    process.stderr.write(String(before))
    if (after === undefined) continue
    child.unref()
    reports.destroy()
    return 0
  }
  const [code, signal] = await exited
  if (!told) process.stderr.write(`circusd: the daemon ended before it was ready (${signal ?? `exit code ${code}`})\n`)
  return 1
}
