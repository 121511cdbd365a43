import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { untilTrue } from '../harness/index.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** A stream whose writes hang in the kernel: nobody reads the pipe that they open. */
const hangs = `
import { open } from 'node:fs'
export class Hangs {
  write() {
    return new Promise((resolve) => open(new URL('fifo', import.meta.url), 'w', resolve))
  }
}
`

test('streams that hang in a file system keep neither other streams nor the end of the daemon', async () => {
  using folder = new Folder()
  folder.write('hangs.mjs', hangs)
  execFileSync('mkfifo', [folder.at('fifo')])
  const watchers = Array.from(
    { length: 6 },
    (_, number) => `
[watcher:hanging${number}]
cmd = sh -c 'echo to nobody; exec sleep 1000'
stdout_stream.class = ./hangs.mjs:Hangs
`,
  )
  const working = `
[watcher:working]
cmd = sh -c 'while :; do echo "size \${UV_THREADPOOL_SIZE-unset}"; sleep 0.05; done'
copy_env = true
stdout_stream.filename = ${folder.at('out.log')}
`
  await using daemon = await Daemon.start(folder, watchers.join('') + working)
  const workers = readdirSync(`/proc/${daemon.pid}/task`).filter((task) =>
    text(`/proc/${daemon.pid}/task/${task}/comm`).startsWith('libuv-worker'),
  )
  assert.equal(workers.length, 16)
  const before = text(folder.at('out.log')).length
  await untilTrue(() => text(folder.at('out.log')).length > before)
  assert.match(text(folder.at('out.log')), /^(size unset\n)+$/)

  daemon.kill('SIGTERM')

  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
  assert.match(text(folder.at('out.log')), /\n$/)
})
