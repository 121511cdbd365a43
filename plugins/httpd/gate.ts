import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Login, Session } from './api.ts'
import { ConsoleError } from './errors.ts'
import type { Logins } from './logins.ts'
import { isSame, type OpenSession, type Person, Sessions } from './sessions.ts'

/** Who may come in, and who has. */
export interface Gate {
  /** Who asks. Throws `ERR_LOGIN_WANTED`, and `ERR_CSRF` for a change that our page did not ask for. */
  person(request: FastifyRequest): Person
  /** Aborted when the session of who asks ends. */
  ended(request: FastifyRequest): AbortSignal | undefined
}

/** Add the routes with which one logs in and out, and the gate for all others. Needs `@fastify/cookie`. */
export function addGate(
  app: FastifyInstance,
  logins: Logins,
  cookie: { readonly name: () => string; readonly path: string },
): Gate {
  const sessions = new Sessions()
  const find = (request: FastifyRequest): OpenSession | undefined => {
    const session = sessions.find(request.cookies[cookie.name()])
    if (!session || logins.isStillRight(session)) return session
    sessions.end(session)
    return undefined
  }
  const open = (person: Person, request: FastifyRequest, reply: FastifyReply): Session => {
    const { session, secret } = sessions.open(person)
    const secure = request.protocol === 'https'
    reply.setCookie(cookie.name(), secret, { httpOnly: true, sameSite: 'strict', secure, path: cookie.path })
    return told(session)
  }
  const gate: Gate = {
    person(request) {
      const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
      if (bearer !== undefined) return logins.bearer(bearer, request.ip)
      const session = find(request)
      if (!session && logins.anybody && isHarmless(request)) return logins.anybody
      if (!session) throw new ConsoleError(401, 'ERR_LOGIN_WANTED', 'log in first', { auth: logins.auth })
      if (!isHarmless(request)) demandCsrf(request, session)
      return session
    },
    ended: (request) => find(request)?.ended.signal,
  }

  app.get('/api/session', async (request, reply): Promise<Session> => {
    reply.header('cache-control', 'no-store')
    const session = find(request)
    if (session) return told(session)
    if (logins.anybody) return open(logins.anybody, request, reply)
    throw new ConsoleError(401, 'ERR_LOGIN_WANTED', 'log in first', { auth: logins.auth })
  })
  app.post('/api/session', async (request, reply): Promise<Session> => {
    reply.header('cache-control', 'no-store')
    const person = await logins.login(loginIn(request.body), request.ip)
    // Whoever could plant a cookie in the browser does not know the one it has from now on.
    const before = find(request)
    if (before) sessions.end(before)
    return open(person, request, reply)
  })
  app.delete('/api/session', async (request, reply) => {
    const session = find(request)
    if (session) {
      demandCsrf(request, session)
      sessions.end(session)
    }
    reply.clearCookie(cookie.name(), { path: cookie.path })
    return reply.code(204).send()
  })
  const look = setInterval(() => sessions.endUnless((session) => logins.isStillRight(session)), 5_000).unref()
  app.addHook('onClose', async () => {
    clearInterval(look)
    sessions.endUnless(() => false)
  })
  return gate
}

const told = ({ name, role, auth, csrf }: OpenSession): Session => ({ name, role, auth, csrf })

const isHarmless = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

function demandCsrf({ headers }: FastifyRequest, { csrf }: OpenSession): void {
  const given = headers['x-csrf-token']
  if (typeof given === 'string' && isSame(given, csrf)) return
  throw new ConsoleError(403, 'ERR_CSRF', 'a change takes the header X-CSRF-Token, with what GET /api/session tells')
}

function loginIn(body: unknown): Login {
  const { token, user, password } = (body ?? {}) as Record<string, unknown>
  if (typeof token === 'string') return { token }
  const short = 1_024
  if (typeof user === 'string' && typeof password === 'string' && password.length <= short) return { user, password }
  throw new ConsoleError(400, 'ERR_REQUEST_INVALID', 'send {"token": …} or {"user": …, "password": …}')
}
