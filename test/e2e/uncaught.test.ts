import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'

test('what code in the daemon throws when nobody waits for it is logged with its place, and the daemon goes on', async () => {
  using folder = new Folder()
  folder.write(
    'late.js',
    `export class Late {
  write() {
    setTimeout(() => {
      throw new Error('too late')
    }, 1)
    void Promise.reject(new Error('nobody cares'))
  }
}
`,
  )
  const ini = "[watcher:web]\ncmd = sh -c 'echo a line; exec sleep 1000'\nstdout_stream.class = ./late.js:Late\n"
  await using daemon = await Daemon.start(folder, ini)
  await daemon.line(/uncaught exception error="too late" at=".*late\.js:4:13\)"/)
  await daemon.line(/unhandled rejection error="nobody cares" at=".*late\.js:6:25\)"/)

  assert.equal((await daemon.ctl('status', 'web')).stdout, 'active\n')
})
