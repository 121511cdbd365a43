import { createServer } from 'node:net'

// Takes its time before it answers.
setTimeout(() => {
  const server = createServer((client) => client.end('hello\n').on('error', () => {}))
  server.listen(process.env['DATABASE'], () => console.log('database: ready'))
}, 300)
