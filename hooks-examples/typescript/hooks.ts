import { existsSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HookContext } from '../../plugins/hooks/index.ts'

/** Where the database listens; hooks run in the daemon, so this is the daemon's pid. */
const socket = join(tmpdir(), `circusd-example-${process.pid}.sock`)

/** Say yes when the database answers, no when it is gone before that. */
export async function untilReady({ watcher, log, signal }: HookContext): Promise<boolean> {
  while (!signal.aborted) {
    if (await answers()) {
      log.info('the database answers')
      return true
    }
    if (watcher.pids.length === 0) return false
    await sleep(50)
  }
  return false
}

/** Tell each process, in its environment, where the database is. */
export function tellDatabase({ spec }: HookContext): void {
  spec!.env['DATABASE'] = socket
}

/** How each process ended. */
export function remember({ pid, exitCode, log }: HookContext): void {
  log.info(`process ${pid} ended with ${exitCode}`)
}

/** Nothing stays behind. */
export function cleanUp(): void {
  rmSync(socket, { force: true })
}

function answers(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  if (!existsSync(socket)) return Promise.resolve(false)
  const connection = connect(socket, () => resolve(true)).on('error', () => resolve(false))
  return promise.finally(() => connection.destroy())
}
