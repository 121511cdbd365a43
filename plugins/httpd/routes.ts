import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Circus } from '../../core/plugin.ts'
import type { Commands } from './commands.ts'
import { ConsoleError } from './errors.ts'
import { type AskTail, follow } from './follow.ts'
import type { Gate } from './gate.ts'
import type { Feed } from './live/feed.ts'
import { openApi } from './openapi.ts'
import { propertiesIn } from './query.ts'
import { ServerSent } from './server-sent.ts'

/** So many streams may be open at the same time, of all pages together. */
const mostStreams = 500
/** Without `lines`, and at most. */
const [usualLines, mostLines] = [200, 5_000]

interface Parts {
  readonly circus: Circus
  readonly feed: Feed
  readonly gate: Gate
  readonly commands: Commands
  readonly prefix: string
}

type Query = Readonly<Record<string, unknown>>

/** The REST interface, but for the session. */
export function addRoutes(app: FastifyInstance, { circus, feed, gate, commands, prefix }: Parts): void {
  let streams = 0
  const openStream = (request: FastifyRequest, reply: FastifyReply) => {
    if (streams >= mostStreams) throw new ConsoleError(503, 'ERR_TOO_MANY', `${mostStreams} pages are open already`)
    const ended = gate.ended(request)
    const stream = new ServerSent(request, reply)
    streams++
    const end = () => {
      stream.send('end', '{}')
      stream.end()
    }
    ended?.addEventListener('abort', end, { once: true })
    stream.closed.addEventListener('abort', () => {
      streams--
      ended?.removeEventListener('abort', end)
    })
    return stream
  }

  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url?.startsWith(`${prefix}/api/`)) reply.header('cache-control', 'no-store')
  })
  app.get('/api/openapi.json', async (request) => {
    gate.person(request)
    return openApi(await commands.all(), prefix)
  })
  app.get('/api/commands', async (request) => {
    gate.person(request)
    return { commands: await commands.all() }
  })
  app.get('/api/live', async (request, reply) => {
    gate.person(request)
    const { watcher } = request.query as Query
    const watching = typeof watcher === 'string' && watcher !== '' ? watcher : undefined
    const stream = openStream(request, reply)
    await feed.open(stream, watching)
  })
  app.get('/api/follow', async (request, reply) => {
    const person = gate.person(request)
    const { lines, ...query } = request.query as Query
    const first = Math.min(Math.max(Number(lines ?? usualLines) || 0, 0), mostLines)
    const ask: AskTail = (count) => commands.call('tail', { ...query, lines: count }, person, true) as never
    // A mistake is answered as one, while it still can be.
    await ask(0)
    const stream = openStream(request, reply)
    try {
      await follow(stream, ask, first)
    } catch (error) {
      // The watcher is gone, or the daemon: the page connects again, and is told.
      circus.log.debug(`following output has ended: ${(error as Error).message}`)
      stream.end()
    }
  })
  app.get('/api/output', async (request, reply) => {
    const person = gate.person(request)
    const query = request.query as Query
    const { lines } = (await commands.call('tail', { ...query, lines: 1_000_000 }, person, true)) as Awaited<
      ReturnType<AskTail>
    >
    const name = String(query['name'] ?? 'output').replace(/[^\w.-]/g, '_')
    return reply
      .type('text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}.log"`)
      .send(lines.map(({ line }) => `${line}\n`).join(''))
  })
  app.get<{ Params: { command: string } }>('/api/:command', async (request) => {
    const person = gate.person(request)
    const { command } = request.params
    const known = await commands.all()
    const schema = Object.hasOwn(known, command) ? known[command]!.properties : {}
    return commands.call(command, propertiesIn(request.query as Query, schema), person, true)
  })
  app.post<{ Params: { command: string } }>('/api/:command', async (request) => {
    const person = gate.person(request)
    const body = request.body ?? {}
    if (typeof body !== 'object' || Array.isArray(body)) {
      throw new ConsoleError(400, 'ERR_REQUEST_INVALID', 'the body is the properties, a JSON object')
    }
    return commands.call(request.params.command, body as Query, person, false)
  })
}
