import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { userInfo } from 'node:os'
import type { Folder } from './folder.ts'
import { runToEnd } from './program.ts'

/**
 * Debian's sshd with keys of its own, on a free port of the loopback: each connection gets an `sshd -i`, as from inetd. The
 * `ssh` of `path` knows its host key and nothing of the user's own configuration.
 */
export class Sshd implements AsyncDisposable {
  /** For `--ssh`. */
  readonly server: string
  /** A key that it takes, and one that it does not. */
  readonly key: string
  readonly wrongKey: string
  /** The key again, with the passphrase `secret`. */
  readonly lockedKey: string
  /** PATH with that `ssh` first. */
  readonly path: string
  /** PATH with an `ssh` first that does not know the host yet, and asks. */
  readonly askingPath: string
  readonly #listener: Server
  readonly #sessions = new Set<ChildProcess>()

  static async start(folder: Folder): Promise<Sshd> {
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
    for (const name of ['host', 'key', 'wrong']) {
      await runToEnd('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', folder.at(name)])
    }
    cpSync(folder.at('key'), folder.at('locked'))
    await runToEnd('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', folder.at('locked')])
    const authorized = folder.write('authorized', readFileSync(folder.at('key.pub'), 'utf8'))
    const config = folder.write(
      'sshd_config',
      [
        `HostKey ${folder.at('host')}`,
        `AuthorizedKeysFile ${authorized}`,
        'StrictModes no',
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PermitRootLogin yes',
        'PidFile none',
        '',
      ].join('\n'),
    )
    const listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return new Sshd(folder, listener, config)
  }

  private constructor(folder: Folder, listener: Server, config: string) {
    const { port } = listener.address() as AddressInfo
    this.#listener = listener
    this.server = `${userInfo().username}@127.0.0.1:${port}`
    this.key = folder.at('key')
    this.wrongKey = folder.at('wrong')
    this.lockedKey = folder.at('locked')
    const known = folder.write('known_hosts', `[127.0.0.1]:${port} ${readFileSync(folder.at('host.pub'), 'utf8')}`)
    this.path = sshPath(folder, 'bin', known, 'yes')
    this.askingPath = sshPath(folder, 'asking', folder.at('known_later'), 'ask')
    listener.on('connection', (socket) => {
      const session = spawn('/usr/sbin/sshd', ['-i', '-e', '-f', config], { stdio: [socket, socket, 'ignore'] })
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      socket.destroy()
    })
  }

  /** Connections that are open now. */
  get sessions(): number {
    return this.#sessions.size
  }

  /** End all connections. */
  hangUp(): void {
    for (const session of this.#sessions) session.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close()
    await Promise.all(
      [...this.#sessions].map((session) => {
        const closed = once(session, 'close')
        session.kill('SIGKILL')
        return closed
      }),
    )
  }
}

function sshPath(folder: Folder, name: string, knownHosts: string, checking: 'yes' | 'ask'): string {
  const config = folder.write(
    `${name}/config`,
    `UserKnownHostsFile ${knownHosts}\nGlobalKnownHostsFile none\nStrictHostKeyChecking ${checking}\nIdentityAgent none\n`,
  )
  const ssh = folder.write(`${name}/ssh`, `#!/bin/sh\nexec /usr/bin/ssh -F '${config}' "$@"\n`)
  chmodSync(ssh, 0o755)
  return `${folder.at(name)}:${process.env.PATH}`
}
