import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../../..')

/** A binary of this checkout. */
export const bin = (name: 'circusd' | 'circusctl' | 'circus-plugin' | 'circus-top' | 'circusd-stats' | 'circushttpd') =>
  join(root, 'cli/bin', `${name}.js`)

export interface ProgramOptions {
  readonly cwd?: string
  /** Beside the environment of the test. */
  readonly env?: Readonly<Record<string, string>>
  /** Descriptors of the test that become 3, 4, …. */
  readonly fds?: readonly number[]
}

export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** How long, in milliseconds, a test waits for a line or an end before it fails with what the program wrote. */
const patienceMs = 20_000

/** A running program, its output kept. Killed at the end of its `using` block. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess
  readonly ended: Promise<End>
  stdout = ''
  stderr = ''
  readonly #name: string

  constructor(command: string, args: readonly string[], { cwd, env, fds = [] }: ProgramOptions = {}) {
    this.#name = [command, ...args].join(' ')
    this.child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...fds],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text) => (this.stdout += text))
    this.child.stderr?.setEncoding('utf8').on('data', (text) => (this.stderr += text))
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }))
  }

  get pid(): number {
    return Number(this.child.pid)
  }

  /** Wait until what it wrote, on either output, matches. Fails when it ends before that. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const found = () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr)
    let waiting = new AbortController()
    const seen = (async () => {
      for (;;) {
        const match = found()
        if (match) return match
        waiting.abort()
        waiting = new AbortController()
        const next = [this.child.stdout!, this.child.stderr!].map((out) =>
          once(out, 'data', { signal: waiting.signal }),
        )
        for (const each of next) each.catch(() => {})
        await Promise.race([...next, this.ended])
        if (this.child.exitCode !== null || this.child.signalCode !== null) return found()
      }
    })().catch(() => null)
    try {
      const match = await this.#inTime(seen, `a line like ${pattern}`)
      if (match) return match
      throw new Error(`${this.#name} ended without a line like ${pattern}:\n${this.stdout}${this.stderr}`)
    } finally {
      waiting.abort()
    }
  }

  /** Wait for its end. */
  end(): Promise<End> {
    return this.#inTime(this.ended, 'its end')
  }

  /** Send it a signal. */
  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGTERM')
    // A daemon takes the second one as the order to kill all it has; SIGKILL would leave that behind.
    const timers = [
      setTimeout(() => this.child.kill('SIGTERM'), 5_000),
      setTimeout(() => this.child.kill('SIGKILL'), 10_000),
    ]
    await this.ended
    for (const timer of timers) clearTimeout(timer)
  }

  async #inTime<T>(awaited: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = () => new Error(`${this.#name}: waited in vain for ${what}:\n${this.stdout}${this.stderr}`)
      timer = setTimeout(() => reject(error()), patienceMs)
    })
    return Promise.race([awaited, late]).finally(() => clearTimeout(timer))
  }
}

/** Run a program to its end. */
export async function runToEnd(command: string, args: readonly string[], options?: ProgramOptions) {
  await using program = new Program(command, args, options)
  const { code, signal } = await program.end()
  return { code, signal, stdout: program.stdout, stderr: program.stderr }
}

/** Run one of this checkout's binaries to its end, with the Node that runs the test. */
export const runBin = (name: Parameters<typeof bin>[0], args: readonly string[], options?: ProgramOptions) =>
  runToEnd(process.execPath, [bin(name), ...args], options)
