import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CircusClient } from '../../../core/index.ts'
import { launch } from '../command.ts'
import { circusd } from '../managers/circusd.ts'
import { until } from './workers.ts'

/** This project's daemon, and a client of it. Leaving its scope stops it. */
export class Daemon implements AsyncDisposable {
  readonly child: ChildProcess
  readonly client: CircusClient

  private constructor(child: ChildProcess, endpoint: string) {
    this.child = child
    this.client = new CircusClient({ endpoint, timeoutMs: 120_000 })
  }

  /** Run a configuration (without `[circus]`) in a folder. Resolves when the daemon answers. */
  static async start({ dir, seconds }: { dir: string; seconds: number }, ini: string): Promise<Daemon> {
    const { start } = circusd.configure({ dir, seconds, count: 0 })
    const endpoint = `ipc://${dir}/control`
    writeFileSync(
      join(dir, 'circus.ini'),
      `[circus]\nendpoint = ${endpoint}\npubsub_endpoint = ipc://${dir}/events\n${ini}`,
    )
    const child = launch(start, dir, 'start')
    await until(() => existsSync(join(dir, 'control')), 'a control socket')
    return new Daemon(child, endpoint)
  }

  /** What a watcher says of itself. */
  status(name: string): Promise<{ readonly status: string; readonly reason?: string | null }> {
    return this.client.call('status', { name })
  }

  /** The port of one of its sockets. */
  async port(name: string): Promise<number> {
    const { sockets } = await this.client.call<{ sockets: { name: string; port: number }[] }>('listsockets')
    return sockets.find((socket) => socket.name === name)!.port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close()
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill()
    await once(this.child, 'exit')
  }
}
