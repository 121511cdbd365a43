import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Section } from './load.ts'
import type { Load, Target } from './subject.ts'

/** `load.ts` at work. */
export interface CountedLoad extends Load<Section[]> {
  /** From now on what happens is counted under this name. */
  begin(section: string): void
}

/** Requests of which each that fails is counted, until they are ended. */
export function startCountedLoad({ port, connections, keepAlive, dir }: Target): CountedLoad {
  const program = join(import.meta.dirname, 'load.ts')
  const child = spawn(process.execPath, [program, `${port}`, `${connections}`, keepAlive ? 'keep' : 'close'], {
    cwd: dir,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const output = text(child.stdout)
  const closed = once(child, 'close')
  closed.catch(() => {}) // is told at the end
  return {
    begin: (section) => void child.stdin.write(`${section}\n`),
    async end() {
      child.stdin.end()
      const [code] = await closed
      if (code !== 0) throw new Error(`load.ts ended with ${code}`)
      return JSON.parse(await output)
    },
  }
}
