/**
 * A program that keeps four workers alive by itself, without a daemon beside it: `node main.ts`.
 * Outside this folder, write `from 'circusd'`.
 */
import { getArbiter } from '../../core/index.ts'

// Stops the workers when this block is left, whatever happens in it.
await using arbiter = getArbiter(
  [{ name: 'workers', cmd: 'node worker.js', working_dir: import.meta.dirname, numprocesses: 4 }],
  { circus: { loglevel: 'warning' } },
)

// Any hook of the kernel can be tapped, and every event heard.
arbiter.hooks.event.tap('main', ({ topic, payload }) => console.log(topic, payload['process_pid'] ?? ''))

await arbiter.start()
const workers = arbiter.watcher('workers')
console.log(`${workers.pids.length} workers run`)

await workers.resize(2).done
console.log(`${workers.pids.length} workers run`)

await arbiter.stop()
console.log('all stopped')
