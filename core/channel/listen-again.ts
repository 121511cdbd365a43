import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'

/** Between two attempts. */
const pauseMs = 500

/** Bind a channel that was just closed, however often that takes. `undefined` when `bind` gives nothing: no more need. */
export async function listenAgain<T>(
  channel: string,
  log: Log,
  bind: () => Promise<T> | false,
): Promise<T | undefined> {
  for (;;) {
    try {
      return (await bind()) || undefined
    } catch (error) {
      log.error(`the ${channel} channel cannot listen again: ${reasonOf(error)}`)
      await sleep(pauseMs)
    }
  }
}
