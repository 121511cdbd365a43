import { defineStream } from 'circusd'
import { integer, option, optionsTable, required } from 'circusd/plugins/streams'

const url = option({ type: 'string', format: 'uri', description: 'the server' }, undefined, (text) => {
  if (URL.canParse(text)) return new URL(text)
  throw new Error('it must be a URL like http://127.0.0.1:8080/')
})

/**
 * Output goes to an HTTP server. While it answers one request, what comes is held back; when that is too much, the process
 * waits. When it cannot be had, the daemon keeps what it can, and tries again.
 */
export const HttpStream = defineStream({
  name: 'HttpStream',
  summary: 'an HTTP server, by POST',
  options: optionsTable({
    url: required(url),
    timeout: integer('seconds until a request is given up', 4, { min: 1 }),
  }),
  create: ({ url, timeout }, { watcher, kind }) => ({
    // Half a line is of no use to anybody.
    wholeLines: true,
    async write(pieces) {
      const { ok, status } = await post(url, { 'x-watcher': watcher, 'x-stream': kind }, timeout, pieces)
      if (!ok) throw new Error(`${url} answers ${status}`)
    },
  }),
})

async function post(
  url: URL,
  headers: Record<string, string>,
  timeout: number,
  pieces: readonly { readonly data: Buffer }[],
): Promise<Response> {
  const body = Buffer.concat(pieces.map(({ data }) => data))
  try {
    return await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeout * 1000) })
  } catch (error) {
    const { message, cause = message } = error as Error
    throw new Error(`${url}: ${cause}`)
  }
}
