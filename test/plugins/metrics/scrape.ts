import assert from 'node:assert/strict'
import type { RunningArbiter } from '../../harness/index.ts'
import { startPlugin, type Way } from '../ways.ts'

/** An arbiter whose metrics can be asked for. */
export interface Measured {
  readonly running: RunningArbiter
  readonly url: string
  /** What is answered now, by name and labels as they stand there. */
  scrape(): Promise<Map<string, number>>
}

/** Start the plugin metrics at a free port, in either way. The arbiter is whose scope is to be left. */
export async function startMetrics(way: Way, ini = '', files = {}): Promise<Measured & AsyncDisposable> {
  const running = await startPlugin(way, 'metrics', 'host = 127.0.0.1\nport = 0', ini, files)
  const url = await addressIn(running)
  return { running, url, scrape: () => scrapeOf(url), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
}

/** What the log tells of where they are. */
async function addressIn({ log }: RunningArbiter): Promise<string> {
  const record = await log.record(/metrics: metrics at http/)
  return /http:\S+/.exec(record)![0]
}

async function scrapeOf(url: string): Promise<Map<string, number>> {
  const response = await fetch(url)
  const text = await response.text()
  assert.equal(response.status, 200, text)
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    samples.map((line) => {
      const blank = line.lastIndexOf(' ')
      return [line.slice(0, blank), Number(line.slice(blank + 1))]
    }),
  )
}
