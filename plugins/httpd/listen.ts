import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Circus } from '../../core/plugin.ts'
import type { Place } from './settings.ts'

/** Where the console was found to listen. */
export interface Listening {
  /** `http://HOST:PORT`; of a unix socket `http://localhost`, which is what a proxy in front of it says. */
  readonly origin: string
  /** For people. */
  readonly where: string
  readonly port: number | undefined
  /** Only this machine reaches it. */
  readonly isLocal: boolean
}

/** Listen, and say where. Rejects with words when that cannot be. */
export async function listen(app: FastifyInstance, circus: Circus, place: Place): Promise<Listening> {
  switch (place.id) {
    case 'address': {
      const { host, port } = place
      await app.listen({ host, port })
      return describe(app, host)
    }
    case 'path': {
      await clear(place.path)
      const before = process.umask(0o177)
      try {
        await started(app, { path: place.path })
      } finally {
        process.umask(before)
      }
      chmodSync(place.path, 0o600)
      return describe(app)
    }
    case 'socket': {
      await started(app, { fd: await circus.socket(place.name) })
      return describe(app)
    }
    default:
      return place satisfies never
  }
}

/** Fastify listens at addresses only. */
async function started(app: FastifyInstance, options: { path: string } | { fd: number }): Promise<void> {
  await app.ready()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  app.server.once('error', reject)
  app.server.listen(options, () => {
    app.server.off('error', reject)
    resolve()
  })
  await promise
}

/** @param host As it was asked for: a name reads better than its address. */
function describe(app: FastifyInstance, host?: string): Listening {
  const address = app.server.address() as AddressInfo | string | null
  if (address === null || typeof address === 'string') {
    return {
      origin: 'http://localhost',
      where: `the unix socket ${address ?? ''}`.trim(),
      port: undefined,
      isLocal: true,
    }
  }
  const { port, family } = address
  // A descriptor of a unix socket has no address here.
  if (port === undefined) return { origin: 'http://localhost', where: 'a unix socket', port: undefined, isLocal: true }
  const isLocal = isLoopback(address.address)
  const anywhere = address.address === '::' || address.address === '0.0.0.0'
  const shown = anywhere ? 'localhost' : (host ?? address.address)
  const name = shown.includes(':') ? `[${shown}]` : shown
  return { origin: `http://${name}:${port}`, where: `${family} ${address.address}:${port}`, port, isLocal }
}

export const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address)

/** A file that a console which was killed has left. Rejects when somebody answers there, or it is no socket. */
async function clear(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (!there) return
  if (!there.isSocket()) throw new Error(`${path} is there, and is no socket`)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = connect(path)
    .once('connect', () => resolve(true))
    .once('error', () => resolve(false))
  const answers = await promise
  probe.destroy()
  if (answers) throw new Error(`somebody answers at ${path}`)
  rmSync(path, { force: true })
}
