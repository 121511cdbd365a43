import type { Daemon } from '../circusctl/daemon.ts'
import { readMessage } from './message.ts'

/** The original publishes every second. */
const patienceMs = 2_500

/** Whether what was taken for a daemon's control endpoint publishes its statistics. */
export async function onlyStatistics(daemon: Daemon): Promise<boolean> {
  try {
    await using subscriber = await daemon.listenTo(daemon.endpoint, ['stat.'])
    const timer = setTimeout(() => void subscriber.close(), patienceMs)
    try {
      for await (const message of subscriber.messages()) if (readMessage(message)) return true
    } finally {
      clearTimeout(timer)
    }
  } catch {
    // Nobody is there at all, or does not let us in: the first error says it better.
  }
  return false
}
