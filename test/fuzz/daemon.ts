import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CircusClient } from '../../core/index.ts'
import { commandLine, cpuSeconds, descriptorCount, memoryOf, withDescendants } from '../bench/proc.ts'
import { temporaryFolder } from '../harness/index.ts'

const circusd = join(import.meta.dirname, '../../cli/bin/circusd.js')

/** Watchers, each with how many processes it wants. */
export const keepers: Readonly<Record<string, number>> = { keeper: 1, pair: 2 }
export const victims: readonly string[] = ['victim-1', 'victim-2', 'single']

/**
 * A real daemon with harmless watchers, in a pid namespace of its own: a signal that goes astray reaches nobody else, and
 * the end of the namespace is the end of all that it has spawned.
 */
export class FuzzedDaemon implements AsyncDisposable {
  readonly endpoint: string
  readonly #folder = temporaryFolder()
  readonly #namespace: ChildProcess
  #pid = 0

  constructor() {
    const { root } = this.#folder
    this.endpoint = `ipc://${root}/control`
    const watcher = (name: string, count: number, more = '') =>
      `[watcher:${name}]\ncmd = sleep 1000\nnumprocesses = ${count}\n${more}\n`
    this.#folder.write(
      'circus.ini',
      [
        `[circus]\nendpoint = ${this.endpoint}\npubsub_endpoint = ipc://${root}/events\ncheck_delay = 1\n`,
        ...Object.entries(keepers).map(([name, count]) => watcher(name, count)),
        watcher('victim-1', 1),
        watcher('victim-2', 2),
        watcher('single', 1, 'singleton = true'),
      ].join('\n'),
    )
    const log = openSync(this.#folder.path('log'), 'a')
    const namespace = ['--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
    // The shell is process 1 there, so that the daemon is an ordinary process.
    const shell = ['sh', '-c', '"$@"; exit', 'sh']
    const daemon = [process.execPath, circusd, join(root, 'circus.ini')]
    this.#namespace = spawn('unshare', [...namespace, ...shell, ...daemon], {
      cwd: root,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
  }

  /** Resolves when it answers, and has started its watchers. */
  async ready(): Promise<void> {
    const deadline = Date.now() + 20_000
    for (;;) {
      try {
        await using client = new CircusClient({ endpoint: this.endpoint })
        await client.call('start', { waiting: true })
        break
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`the daemon does not start: ${error}\n${this.log.slice(-2_000)}`)
        await sleep(50)
      }
    }
    // unshare, its shell, the daemon
    this.#pid = withDescendants([this.#namespace.pid!])[2]!
  }

  get log(): string {
    return readFileSync(this.#folder.path('log'), 'utf8')
  }

  /** How many processes descend from it. */
  get processes(): number {
    return withDescendants([this.#pid]).filter((pid) => commandLine(pid)?.length).length - 1
  }

  /** Resolves when it has nothing to do any more: it goes on with what clients sent who are long gone. */
  async quiet(): Promise<void> {
    const deadline = Date.now() + 60_000
    for (let calm = 0, spent = cpuSeconds([this.#pid]); calm < 3; ) {
      await sleep(200)
      const now = cpuSeconds([this.#pid])
      // It is asked how it is doing all the time, which is a few per cent.
      calm = now - spent < 0.08 ? calm + 1 : 0
      spent = now
      if (Date.now() > deadline) throw new Error('the daemon is still busy after a minute')
    }
  }

  /** What it holds. */
  stock(): { readonly descriptors: number; readonly rssBytes: number } {
    return { descriptors: descriptorCount(this.#pid), rssBytes: memoryOf([this.#pid]).rssBytes }
  }

  /** Ask it to end. Resolves to its exit code, or what it is after 20 seconds: null. */
  async quit(): Promise<number | null> {
    const ended = once(this.#namespace, 'exit')
    await using client = new CircusClient({ endpoint: this.endpoint })
    await client.call('quit')
    const patience = new AbortController()
    await Promise.race([ended, sleep(20_000, undefined, { signal: patience.signal }).catch(() => {})])
    patience.abort()
    return this.#namespace.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#namespace.exitCode === null && this.#namespace.signalCode === null) {
      const ended = once(this.#namespace, 'exit')
      this.#namespace.kill('SIGKILL')
      await ended
    }
    this.#folder[Symbol.dispose]()
  }
}
