import { definePlugin } from '../../core/plugin.ts'
import { options } from './options.ts'
import { settingsOf } from './settings.ts'

/** Serves the web console, and its REST interface. */
export default definePlugin({
  name: 'httpd',
  summary: 'Serves the web console.',
  options,
  sockets: ({ httpd_socket }) => (httpd_socket ? [httpd_socket] : []),
  async setup(circus, given) {
    const settings = settingsOf(given, circus.folder)
    // Fastify takes 30 MB and a third of a second: not for those who only list their plugins.
    const { startConsole } = await import('./server.ts')
    const server = await startConsole(circus, settings)
    return () => server.close()
  },
})
