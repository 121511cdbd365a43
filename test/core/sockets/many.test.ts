import assert from 'node:assert/strict'
import { readdirSync, readlinkSync } from 'node:fs'
import test from 'node:test'
import { CircusClient } from '../../../core/index.ts'
import { Daemon } from '../../e2e/support/daemon.ts'
import { Folder } from '../../e2e/support/folder.ts'

const socketCount = 200
const watcherCount = 50

// The standard streams of a test are sockets too.
const quiet = 'close_child_stdout = true\nclose_child_stderr = true\n'
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
const ini = [
  ...numbers(socketCount).map((number) => `[socket:s${number}]\nhost = 127.0.0.1\nport = 0\n`),
  ...numbers(watcherCount).map((number) => `[watcher:w${number}]\ncmd = sleep 1000\nuse_sockets = true\n${quiet}`),
].join('')

/** The open descriptors of a process, by what they are: `socket`, `anon_inode:[pidfd]`, … */
function descriptorsOf(pid: number): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const kind = linkOf(`/proc/${pid}/fd/${fd}`).replace(/:\[\d+\]$/, '')
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return kinds
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return 'gone'
  }
}

test(`${socketCount} sockets × ${watcherCount} watchers start, reload and stop without leaking a descriptor`, async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, ini, ['--log-level', 'warning'])
  await using client = new CircusClient({ endpoint: daemon.endpoint, timeoutMs: 60_000 })
  const call = (command: string) => client.call(command, { match: 'glob', name: 'w*', waiting: true })
  const pidOf = async (name: string) => (await client.call<{ pids: number[] }>('list', { name })).pids[0]!
  const old = await pidOf('w50')
  const running = descriptorsOf(daemon.pid)
  assert.equal(descriptorsOf(old)['socket'], socketCount)

  await call('reload')
  assert.notEqual(await pidOf('w50'), old)
  assert.deepEqual(descriptorsOf(daemon.pid), running)
  await call('stop')
  const stopped = descriptorsOf(daemon.pid)
  await call('start')
  await call('reload')
  assert.deepEqual(descriptorsOf(daemon.pid), running)
  await call('stop')

  assert.deepEqual(descriptorsOf(daemon.pid), stopped)
  assert.equal(running['anon_inode:[pidfd]']! - (stopped['anon_inode:[pidfd]'] ?? 0), watcherCount)
})
