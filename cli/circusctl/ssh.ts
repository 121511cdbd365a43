import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError } from '../../core/client.ts'

/** The system's `ssh` could not do its part; the message has its own words. */
class SshError extends Error {
  readonly code = 'ERR_SSH_FAILED'
}

/** Where a tunnel leads, and how. */
export interface SshServer {
  /** `[USER@]HOST[:PORT]`; an IPv6 address in brackets when a port follows. */
  readonly server: string
  /** The private key. @default what ssh finds by itself */
  readonly keyfile?: string | undefined
  /** Milliseconds for the connection; passwords and questions take the time they take. */
  readonly timeoutMs: number
  /** Whether it may ask on the terminal, if there is one. @default true */
  readonly attended?: boolean
}

/** Waits for the end of this process, however it comes, and then ends ssh and takes its sockets away. */
const caretaker = 'read -r pid; read -r _; [ -z "$pid" ] || kill "$pid"; rm -rf -- "$1"'

/** The longest folder in which ssh can make its sockets: their paths have 107 bytes at most, and it appends 17. */
const longestFolder = 60

/**
 * A connection to another machine through the system's `ssh`, over which endpoints there are reached here: each as a Unix
 * socket that only this user can use. Nothing of it is left when it is closed, nor when this process ends in any way.
 */
export class SshTunnel implements AsyncDisposable {
  readonly #server: string
  readonly #destination: readonly string[]
  readonly #folder: string
  readonly #ssh: ChildProcess
  readonly #caretaker: ChildProcess
  readonly #failed = Promise.withResolvers<never>()
  /** The endpoints here, by those over there. */
  readonly #forwards = new Map<string, Promise<string>>()
  #sockets = 0
  #said = ''
  /** ssh does not say which forward it speaks of: once one may lead nowhere, none is told of. */
  #mayMiss = false
  #closing: Promise<void> | undefined
  /** Resolves when the connection is gone. */
  readonly ended: Promise<void>

  /** Connect. Rejects with a `SshError`. */
  static async open(server: SshServer): Promise<SshTunnel> {
    const tunnel = new SshTunnel(server)
    try {
      await tunnel.#established()
      return tunnel
    } catch (error) {
      await tunnel.close()
      throw error
    }
  }

  private constructor({ server, keyfile, timeoutMs, attended = true }: SshServer) {
    this.#server = server
    this.#destination = destinationOf(server)
    this.#folder = mkdtempSync(join(tmpdir().length > longestFolder ? '/tmp' : tmpdir(), 'circusctl-'))
    this.#caretaker = spawn('sh', ['-c', caretaker, 'sh', this.#folder], {
      detached: true, // or Ctrl-C would end it first
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#caretaker.on('error', () => {})
    this.#caretaker.stdin?.on('error', () => {})
    const seconds = Math.max(1, Math.ceil(timeoutMs / 1_000))
    const isAttended = attended && (process.stdin.isTTY || process.stderr.isTTY) // ssh asks on the terminal itself
    const options = {
      BatchMode: isAttended ? 'no' : 'yes',
      ConnectTimeout: String(seconds),
      ServerAliveInterval: '15',
      ...(keyfile !== undefined && { IdentitiesOnly: 'yes' }),
    }
    const args = [
      ...['-N', '-T', '-a', '-x', '-M', '-S', this.#master],
      ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
      ...(keyfile === undefined ? [] : ['-i', keyfile]),
      ...this.#destination,
    ]
    this.#failed.promise.catch(() => {})
    this.#ssh = spawn('ssh', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#caretaker.stdin?.write(`${this.#ssh.pid ?? ''}\n`)
    this.#ssh.stderr?.setEncoding('utf8').on('data', (text: string) => this.#heard(text))
    this.ended = new Promise((resolve) => {
      this.#ssh.once('error', (error: NodeJS.ErrnoException) => {
        const isMissing = error.code === 'ENOENT'
        this.#fail(isMissing ? 'there is no program ssh here: install the OpenSSH client' : error.message)
        resolve()
      })
      this.#ssh.once('close', () => {
        this.#fail(this.#said.trim() || 'the connection has ended')
        resolve()
      })
    })
  }

  /**
   * Make an endpoint of the other side reachable. Resolves to the endpoint here. Rejects with a `SshError`.
   *
   * @param mayBeMissing Nobody may be there: that is no failure of the tunnel.
   */
  async forward(endpoint: string, { mayBeMissing = false } = {}): Promise<string> {
    const target = targetOf(endpoint)
    this.#mayMiss ||= mayBeMissing
    const known = this.#forwards.get(target)
    if (known) return known
    const forward = this.#forward(target, join(this.#folder, String(++this.#sockets)))
    this.#forwards.set(target, forward)
    forward.catch(() => this.#forwards.delete(target))
    return forward
  }

  async #forward(target: string, socket: string): Promise<string> {
    const args = ['-S', this.#master, '-O', 'forward', '-L', `${socket}:${target}`, ...this.#destination]
    const control = spawn('ssh', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    control.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    const [code] = await this.guard(once(control, 'close'))
    if (code !== 0) throw new SshError(`ssh ${this.#server}: ${said.trim() || 'it cannot forward a connection'}`)
    return `ipc://${socket}`
  }

  /** What goes on through the tunnel: it fails when the tunnel does, with ssh's own words. */
  guard<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed.promise])
  }

  /** Hang up. Resolves when ssh has ended and its files are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#ssh.kill()
    await this.ended
    rmSync(this.#folder, { recursive: true, force: true })
    const { exitCode, signalCode, pid } = this.#caretaker
    if (exitCode !== null || signalCode !== null || pid === undefined) return
    const gone = once(this.#caretaker, 'close')
    this.#caretaker.kill('SIGKILL') // it must not come to its own kill: the pid may be another's by then
    await gone
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #master(): string {
    return join(this.#folder, 'm')
  }

  /** ssh makes its own socket once it is logged in. */
  async #established(): Promise<void> {
    let isGivenUp = false
    const seen = async () => {
      while (!existsSync(this.#master) && !isGivenUp) await sleep(10)
    }
    await this.guard(seen()).finally(() => (isGivenUp = true))
  }

  #heard(text: string): void {
    this.#said = `${this.#said}${text}`.slice(-4_000)
    const why = /^channel \d+: open failed: (.*)$/m.exec(this.#said)?.[1]
    if (why === undefined || this.#mayMiss) return
    const error = new KernelError('ERR_UNREACHABLE', [this.#server, `the connection over there failed: ${why.trim()}`])
    this.#failed.reject(error)
  }

  #fail(why: string): void {
    this.#failed.reject(new SshError(`ssh ${this.#server}: ${why}`))
  }
}

function destinationOf(server: string): string[] {
  const [, user, bracketed, plain, port] =
    /^(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^\s:@[\]]+|[\da-fA-F:]+))(?::(\d+))?$/.exec(server) ?? []
  const host = bracketed ?? plain
  if (host === undefined || host.startsWith('-')) throw new SshError(`--ssh takes [USER@]HOST[:PORT], not '${server}'`)
  return [...(user === undefined ? [] : ['-l', user]), ...(port === undefined ? [] : ['-p', port]), '--', host]
}

/** An endpoint as ssh's `-L` has it. Throws a `SshError` when it cannot be reached so. */
export function targetOf(endpoint: string): string {
  const path = /^ipc:\/\/(\/.*)$/s.exec(endpoint)?.[1]
  if (path !== undefined) return path
  const [, host, port] = /^tcp:\/\/(.+):(\d+)$/.exec(endpoint) ?? []
  if (host === undefined) {
    throw new SshError(`${endpoint} cannot be reached through ssh: only tcp://HOST:PORT and ipc:///PATH can`)
  }
  const everywhere: Record<string, string> = { '*': '127.0.0.1', '0.0.0.0': '127.0.0.1', '[::]': '[::1]' }
  return `${everywhere[host] ?? host}:${port}`
}
