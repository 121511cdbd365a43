import { definePlugin } from 'circusd'

/** Says what to try next, once everything runs. */
export default definePlugin({
  name: 'welcome',
  kernel: true,
  setup(circus) {
    circus.hooks.started.tapPromise('welcome', async ({ endpoints }) => {
      const folder = process.env['CIRCUS_DEMO']
      const { sockets } = await circus.call<{ sockets: { port: number }[] }>('listsockets')
      console.log(`
  The demo runs. The log above has the link to its web console. In another terminal, from this folder:

    export CIRCUSCTL_ENDPOINT=${endpoints.control}
    npx circusctl status
    npx circusctl incr worker 2
    npx circusctl listen watcher.flaky
    npx circusctl tail busy worker -f       # what they write; busy writes into a file
    npx circusctl set busy stdout_stream.filename ${folder}/other.log     # at once, and it runs on
    npx circusctl set worker graceful_timeout 1
    npx circusctl reload worker --sequential --waiting
    curl http://127.0.0.1:${sockets[0]?.port}/
    npx circusctl reload web --waiting      # and no request is lost

  flaky dies all the time; see how the flapping plugin deals with it. Ctrl-C ends everything.
`)
    })
  },
})
