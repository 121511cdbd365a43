import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from './managers/manager.ts'

/** Starts a command in a session of its own, in `dir`, its output in the file `LOGNAME.log` there. */
export function launch({ argv: [program, ...args], env }: Command, dir: string, logName: string): ChildProcess {
  const log = openSync(join(dir, `${logName}.log`), 'a')
  const child = spawn(program, args, {
    cwd: dir,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return child
}

/** Runs a command to its end and returns how many milliseconds that took. Throws, with its output, unless it exits 0. */
export async function timeCommand(command: Command, dir: string, logName: string): Promise<number> {
  const begin = performance.now()
  const [code, signal] = await once(launch(command, dir, logName), 'exit')
  const elapsedMs = performance.now() - begin
  if (code !== 0) throw new Error(`${command.argv.join(' ')}: exit ${code ?? signal}\n${tail(dir, logName)}`)
  return elapsedMs
}

/** The last lines a command of this name wrote. */
export function tail(dir: string, logName: string): string {
  return readFileSync(join(dir, `${logName}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-8)
    .join('\n')
}
