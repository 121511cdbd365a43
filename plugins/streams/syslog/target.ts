/** Where a syslog server is. */
export type Target =
  | { readonly via: 'unix'; readonly path: string }
  | { readonly via: 'udp' | 'tcp'; readonly host: string; readonly port: number }

/** What a `sockaddr_un` holds at least, everywhere. */
const MAX_PATH_BYTES = 103
const USUAL_PORT = 514

const expected =
  'it must be the path of a socket like /dev/log, or HOST, HOST:PORT or [ADDRESS]:PORT, with udp:// (which is meant without) or tcp:// before it'

/** What `address` names. Throws an `Error` that says what to write. */
export function parseTarget(text: string): Target {
  const given = text.trim()
  const path = /^(?:(?:unix|syslog):\/\/)?(\/.*)$/i.exec(given)?.[1]
  if (path !== undefined) return unixTarget(path)
  const parts = /^(?:(udp|tcp|syslog):\/\/)?(?:\[([0-9a-f:.%\w]+)\]|([\w.-]+))(?::(\d{1,5}))?\/?$/i.exec(given)
  const [, scheme = 'udp', bracketed, bare, port = String(USUAL_PORT)] = parts ?? []
  const host = bracketed ?? bare
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw new Error(expected)
  return { via: scheme.toLowerCase() === 'tcp' ? 'tcp' : 'udp', host, port: Number(port) }
}

function unixTarget(path: string): Target {
  if (path.includes('\0')) throw new Error(expected)
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { via: 'unix', path }
  throw new Error(`the path of a socket has at most ${MAX_PATH_BYTES} bytes`)
}

/** As it would be written. */
export const describeTarget = (target: Target): string =>
  target.via === 'unix'
    ? target.path
    : `${target.via}://${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
