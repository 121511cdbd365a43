import { isIP } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ConsoleError } from './errors.ts'

/** What every answer says: nothing from elsewhere is loaded, nobody frames it, nothing is kept in caches. */
const safeHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const

/**
 * Refuse what another site has a browser ask: by a name that is not ours (DNS rebinding), from a page that is not ours.
 * An address in `Host` is nobody's trick: rebinding takes a name.
 */
export function guardOf(allowedHosts: readonly string[]) {
  const isOurs = (name: string) =>
    name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || allowedHosts.includes(name)
  return async function guard(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.headers(safeHeaders)
    const { host = '', origin, 'sec-fetch-site': site } = request.headers
    const name = nameIn(`http://${host}`)
    if (name === undefined || !isOurs(name)) {
      const why = `this console does not answer to the name ${JSON.stringify(host)}: add it to httpd_allowed_hosts`
      throw new ConsoleError(421, 'ERR_HOST', why)
    }
    if (origin !== undefined && !isSameOrigin(origin, host, allowedHosts))
      throw new ConsoleError(403, 'ERR_ORIGIN', `a page of ${JSON.stringify(origin)} may not ask this console`)
    // Links from elsewhere are fine; what is asked by scripts, pictures and forms from elsewhere is not.
    const isLink = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'
    if ((site === 'cross-site' || site === 'same-site') && !(isLink && !/\/api\//.test(request.url)))
      throw new ConsoleError(403, 'ERR_ORIGIN', 'a page from elsewhere may not ask this console')
  }
}

/**
 * The port counts, too: another program of this machine has another. A proxy may say another `Host` than the browser has:
 * then the name is one of those allowed, at the usual port.
 */
function isSameOrigin(origin: string, host: string, allowedHosts: readonly string[]): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return (
    url.host === new URL(`${url.protocol}//${host}`).host ||
    (url.port === '' && allowedHosts.includes(url.hostname.toLowerCase()))
  )
}

function nameIn(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { hostname, pathname, username, search } = new URL(url)
  if (pathname !== '/' || username !== '' || search !== '') return undefined
  return hostname.toLowerCase().replace(/^\[|\]$/g, '')
}
