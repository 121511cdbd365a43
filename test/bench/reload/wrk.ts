import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Load, Target } from './subject.ts'

/** What `wrk` counted. It has no failure for a request that is never answered: `load.ts` has. */
export interface Throughput {
  readonly requests: number
  readonly seconds: number
  readonly failed: number
}

/** Requests by `wrk`, as many as are answered, until they are ended. */
export function startWrk({ port, connections, keepAlive, dir }: Target): Load<Throughput> {
  // With two cores each thread of wrk takes one from the servers.
  const threads = availableParallelism() > 2 ? 2 : 1
  const child = spawn(
    'wrk',
    [
      ...['-t', `${threads}`, '-c', `${connections}`, '-d', '1h', '--timeout', '30s'],
      ...['-s', join(import.meta.dirname, 'wrk.lua')],
      ...(keepAlive ? [] : ['-H', 'Connection: close']),
      `http://127.0.0.1:${port}/`,
    ],
    { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const output = text(child.stdout)
  const closed = once(child, 'close')
  closed.catch(() => {}) // is told at the end
  return {
    async end() {
      child.kill('SIGINT')
      const [code] = await closed
      const line = (await output).trimEnd().split('\n').at(-1)!
      if (code !== 0 || !line.startsWith('{')) throw new Error(`wrk ended with ${code}: ${await output}`)
      return JSON.parse(line)
    },
  }
}
