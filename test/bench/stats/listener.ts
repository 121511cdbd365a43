import { Subscriber } from 'zeromq'

// Hears all stats, in a process of its own: `node listener.ts ENDPOINT`. It writes a line when the first has come, and, when its
// standard input ends, how many there were.

const [endpoint = ''] = process.argv.slice(2)
const subscriber = new Subscriber({ linger: 0, receiveHighWaterMark: 0 })
subscriber.subscribe('stat.')
subscriber.connect(endpoint)
let messages = 0
process.stdin.resume().once('end', () => {
  process.stdout.write(`${messages}\n`)
  subscriber.close()
})
try {
  for await (const _ of subscriber) if (++messages === 1) process.stdout.write('ready\n')
} catch {
  // It was closed.
}
