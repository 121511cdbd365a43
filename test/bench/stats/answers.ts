import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createGround } from '../cleanup.ts'
import { Daemon } from '../reload/daemon.ts'
import { Sleepers } from '../sleepers.ts'
import type { AnswerFigures } from './asker.ts'
import { Listening } from './listening.ts'

/** Ask a daemon that publishes its stats for those of so many processes, and for its list meanwhile. */
export async function measureAnswers(processes: number, count: number): Promise<AnswerFigures> {
  using ground = createGround()
  const endpoint = `ipc://${ground.dir}/stats`
  const ini = `stats_endpoint = ${endpoint}\n[watcher:sleep]\ncmd = sleep ${ground.seconds}\nnumprocesses = ${processes}\n`
  using sleepers = new Sleepers(ground.seconds)
  await using _ = await Daemon.start(ground, ini)
  await sleepers.until(processes)
  using __ = await Listening.to(endpoint)
  await delay(2_000)
  const asker = join(import.meta.dirname, 'asker.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [asker, `ipc://${ground.dir}/control`, String(count)])
  return JSON.parse(stdout)
}
