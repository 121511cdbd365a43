import { createServer } from 'node:net'
import { join } from 'node:path'

// Takes its time before it answers.
setTimeout(() => {
  const server = createServer((client) => client.end('hello\n').on('error', () => {}))
  server.listen(join(import.meta.dirname, 'database.sock'), () => console.log('database: ready'))
}, 300)
