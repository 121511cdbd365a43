import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Somebody who hears all stats. Leaving its scope ends that. */
export class Listening implements Disposable {
  readonly #child: ChildProcess
  #output = ''

  private constructor(endpoint: string) {
    const program = join(import.meta.dirname, 'listener.ts')
    this.#child = spawn(process.execPath, [program, endpoint], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout!.on('data', (data) => (this.#output += data))
  }

  /** Resolves when the first message has come. */
  static async to(endpoint: string): Promise<Listening> {
    const listening = new Listening(endpoint)
    await once(listening.#child.stdout!, 'data')
    return listening
  }

  /** Stop, and tell how many messages there were. */
  async end(): Promise<number> {
    this.#child.stdin!.end()
    await once(this.#child, 'close')
    return Number(this.#output.split('\n')[1])
  }

  [Symbol.dispose](): void {
    this.#child.kill()
  }
}
