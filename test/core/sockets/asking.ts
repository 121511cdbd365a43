import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Arbiter } from '../../../core/index.ts'

/** What `answers.ts` answers. */
export interface Answer {
  readonly pid: number
  readonly fd: number
  readonly release: string
  readonly LISTEN_FDS?: string
  readonly LISTEN_FDNAMES?: string
  readonly LISTEN_PID?: string
}

/** A command that runs `answers.ts` with these arguments. */
export const answers = (...args: string[]): string =>
  [process.execPath, fileURLToPath(new URL('../../fixtures/programs/answers.ts', import.meta.url)), ...args].join(' ')

/** Connect to a socket of the daemon, and wait for the answer. Rejects when it is refused or cut off. */
export async function ask(arbiter: Arbiter, socket: string): Promise<Answer> {
  const { address } = arbiter.sockets.all.find(({ name }) => name === socket)!
  const connection =
    address.family === 'AF_UNIX'
      ? connect(address.path)
      : connect({ port: address.port, host: address.host, family: address.family === 'AF_INET6' ? 6 : 4 })
  return JSON.parse(await text(connection))
}
