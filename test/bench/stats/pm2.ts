import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createGround } from '../cleanup.ts'
import { launch } from '../command.ts'
import { type Latencies, latencies } from '../control/asker.ts'
import { pm2Ask } from '../control/peers.ts'
import { pm2, pm2Home } from '../managers/pm2.ts'
import { cpuSeconds, memoryOf } from '../proc.ts'
import { Sleepers } from '../sleepers.ts'

/** What PM2 needs to tell what its processes use. */
export interface Pm2Figures {
  /** Of all processes, milliseconds. */
  readonly answers: Latencies
  /** Of its daemon, when it is asked once a second, as `pm2 monit` does and more often. */
  readonly cpuSecondsPerMinute: number
  readonly rss: number
  /** Before it was asked for the first time. */
  readonly idleRss: number
}

/** It measures when it is asked, and only then. */
export async function measurePm2(processes: number, seconds: number, count: number): Promise<Pm2Figures> {
  using ground = createGround()
  const { dir } = ground
  const setup = pm2.configure({ dir, seconds: ground.seconds, count: processes })
  using sleepers = new Sleepers(ground.seconds)
  launch(setup.start, dir, 'start')
  try {
    await sleepers.until(processes)
    await delay(3_000)
    const pid = Number(readFileSync(setup.pidFile!, 'utf8'))
    const idleRss = memoryOf([pid]).rssBytes
    const { ask, close } = pm2Ask(pm2Home(), dir)
    try {
      const answers = await latencies([ask], count)
      const [begun, before] = [performance.now(), cpuSeconds([pid])]
      for (let second = 1; second <= seconds; second++) {
        await ask()
        await delay(Math.max(begun + second * 1_000 - performance.now(), 0))
      }
      const minutes = (performance.now() - begun) / 60_000
      const cpuSecondsPerMinute = (cpuSeconds([pid]) - before) / minutes
      return { answers, cpuSecondsPerMinute, rss: memoryOf([pid]).rssBytes, idleRss }
    } finally {
      close()
    }
  } finally {
    if (typeof setup.stop !== 'string') launch(setup.stop, dir, 'stop')
    await sleepers.untilGone().catch(() => {})
  }
}
