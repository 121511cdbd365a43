import compress from '@fastify/compress'
import cookies from '@fastify/cookie'
import fastify from 'fastify'
import { type Circus, reasonOf } from '../../core/plugin.ts'
import { Commands } from './commands.ts'
import { failureOf } from './errors.ts'
import { addGate } from './gate.ts'
import { guardOf } from './guard.ts'
import { isLoopback, listen } from './listen.ts'
import { Feed } from './live/feed.ts'
import { Logins } from './logins.ts'
import { servePage } from './page-files.ts'
import { addRoutes } from './routes.ts'
import type { Settings } from './settings.ts'

/** The console, at work. */
export interface RunningConsole {
  /** What is logged: where to go, with the token where one is wanted. */
  readonly link: string
  close(): Promise<void>
}

/** Serve the console, and log its link. Rejects when it cannot listen, or may not without logins. */
export async function startConsole(circus: Circus, settings: Settings): Promise<RunningConsole> {
  const { log } = circus
  const { prefix, allowedHosts, auth } = settings
  const logins = await Logins.of(settings, log)
  const isProxied = prefix !== '' || allowedHosts.length > 0 || settings.place.id !== 'address'
  const app = fastify({
    // The daemon's log is for what went wrong, not for who looked at it.
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 1024 * 1024,
    requestTimeout: 30_000,
    return503OnClosing: false,
    trustProxy: isProxied ? (address: string | undefined) => !address || isLoopback(address) : false,
    routerOptions: { maxParamLength: 300 },
  })
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, request, reply) => {
    const { status, body, isFault } = failureOf(error)
    if (isFault)
      log.error(`${request.method} ${pathOf(request.url)}: ${error instanceof Error ? error.stack : reasonOf(error)}`)
    const { retryAfterSeconds } = body.error
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
    return reply.code(status).header('cache-control', 'no-store').send(body)
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: { code: 'ERR_NOT_FOUND', message: `there is nothing at ${pathOf(request.url)}` } }),
  )
  app.addHook('onRequest', guardOf(allowedHosts))
  await app.register(cookies)
  await app.register(compress, { threshold: 1_024, encodings: ['br', 'gzip'] })
  const feed = new Feed(circus)
  let port: number | undefined
  await app.register(
    async (below) => {
      // Browsers tell cookies apart by host and path, not by port.
      const cookie = { name: () => `circus-console${port === undefined ? '' : `-${port}`}`, path: `${prefix}/` }
      const gate = addGate(below, logins, cookie)
      addRoutes(below, { circus, feed, gate, commands: new Commands(circus), prefix })
      await servePage(below)
    },
    { prefix },
  )
  if (prefix !== '') app.get(prefix, (_request, reply) => reply.redirect(`${prefix}/`))
  const close = async () => {
    feed.close()
    await app.close()
  }
  try {
    const listening = await listen(app, circus, settings.place)
    port = listening.port
    if (auth === 'none' && !listening.isLocal) {
      throw new Error(`httpd_auth = none is for localhost and unix sockets only, not for ${listening.where}`)
    }
    logins.letAnybodyIn()
    const link = `${listening.origin}${prefix}/${auth === 'token' ? `#token=${logins.token}` : ''}`
    await circus.disclose(`the web console is at ${link}`)
    if (auth === 'none') log.warning(`httpd_auth = none: every user and program of this machine may do everything`)
    if (!listening.isLocal) {
      log.warning(
        `the web console can be reached from elsewhere (${listening.where}), and what it says is not encrypted there: put a proxy with TLS before it`,
      )
    }
    return { link, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Without what may be a secret. */
const pathOf = (url: string) => url.split(/[?#]/, 1)[0]!.slice(0, 200)
