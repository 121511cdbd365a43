import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'

/** Where the built page is: in `dist/` of a checkout, or beside this in the compiled package. */
const places = ['../../dist/page/', '../../page/'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** Serve the page: the built files and nothing else, compressed as they were built. */
export async function servePage(app: FastifyInstance): Promise<void> {
  const root = places.find((place) => existsSync(`${place}index.html`))
  if (root === undefined) {
    app.get('/', (_request, reply) => reply.code(503).type('text/plain; charset=utf-8').send(notBuilt))
    return
  }
  const { default: files } = await import('@fastify/static')
  await app.register(files, {
    root,
    // Their names change with what is in them; the page's own does not.
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, path) => {
      const isAsset = /[/\\]assets[/\\]/.test(path)
      reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

const notBuilt = `The page of the web console is not built: run npm run build in the folder of circusd.
The REST interface works: see api/openapi.json.
`
