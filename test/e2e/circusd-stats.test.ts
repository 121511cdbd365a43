import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { StatsListener } from '../plugins/stats/listener.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, root, runBin } from './support/program.ts'

const start = (folder: Folder, ...more: string[]) => {
  const endpoints = ['--endpoint', `ipc://${folder.at('control')}`, '--statspoint', `ipc://${folder.at('stats')}`]
  return new Program(process.execPath, [bin('circusd-stats'), ...endpoints, ...more])
}

/** Where a daemon says that they are published. */
async function statsOf(daemon: Daemon): Promise<string | undefined> {
  const { options } = (await daemon.ask('globaloptions')) as unknown as { options: Record<string, string> }
  return options['stats_endpoint']
}

test('beside a daemon that publishes none it does, tells that daemon where, and ends when it is told to', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, '[watcher:web]\ncmd = sleep 1000\n')
  const [pid] = await daemon.pids('web')
  await using stats = start(folder, '--interval', '0.1')
  await stats.line(/stats at ipc:/)

  await using listener = await StatsListener.at(`ipc://${folder.at('stats')}`)

  const message = await listener.next(`stat.web.${pid}`)
  assert.deepEqual([message['wid'], message['restarts'], message['cmdline']], [1, 0, 'sleep'])
  assert.deepEqual((await listener.next('stat.circus'))['pid'], [daemon.pid, stats.pid])
  assert.equal((await listener.next(`stat.circus.${stats.pid}`))['name'], 'circusd-stats')
  assert.equal(await statsOf(daemon), `ipc://${folder.at('stats')}`)
  stats.kill('SIGTERM')
  assert.deepEqual(await stats.end(), { code: 0, signal: null })
  while ((await statsOf(daemon)) !== 'tcp://127.0.0.1:5557');
})

test('a daemon that publishes them itself goes on to say so', async () => {
  using folder = new Folder()
  const own = `ipc://${folder.at('own')}`
  await using daemon = await Daemon.start(folder, '', [], `stats_endpoint = ${own}`)
  await using stats = start(folder)
  await stats.line(/stats at ipc:/)
  await daemon.line(/announce .*asked by/)
  assert.equal(await statsOf(daemon), own)
})

test('while the daemon stands still its processes are told of every time, and when it dies its successor is found', async () => {
  using folder = new Folder()
  const socket = '[socket:web]\nhost = 127.0.0.1\nport = 0\n'
  const web = `${socket}[watcher:web]\ncmd = sleep 1000\n`
  await using daemon = await Daemon.start(folder, web)
  const [pid] = await daemon.pids('web')
  const [last] = await daemon.pids('last')
  await using stats = start(folder, '--interval', '0.1')
  await stats.line(/stats at ipc:/)
  await using listener = await StatsListener.at(`ipc://${folder.at('stats')}`)
  await listener.next('stat.sockets')

  daemon.kill('SIGSTOP')
  // The daemon is given five seconds to answer: no look may wait for that.
  const from = listener.all.length
  await listener.next(`stat.web.${pid}`, 8)
  const ages = listener.all
    .slice(from)
    .flatMap(({ topic, payload }) => (topic === 'stat.web' ? [payload['age'] as number] : []))
  assert.ok(ages.at(-1)! - ages[0]! < 5, `${ages}`)

  daemon.kill('SIGKILL')
  await daemon.end()
  for (const orphan of [pid!, last!]) process.kill(orphan, 'SIGKILL')
  await using successor = await Daemon.start(folder, web)
  const [newPid] = await successor.pids('web')
  await listener.next(`stat.circus.${successor.pid}`)
  const { wid } = (await listener.until(({ topic, payload }) => topic === `stat.web.${newPid}` && 'wid' in payload))
    .payload
  assert.equal(wid, 1)
  while ((await statsOf(successor)) !== `ipc://${folder.at('stats')}`);
})

test('it works with an original daemon, which tells less', async () => {
  using folder = new Folder()
  await using sleeper = new Program('sleep', ['1000'])
  const fixture = join(root, 'test/fixtures/original-circusd.ts')
  await using original = new Program(process.execPath, [fixture, folder.path, String(sleeper.pid)])
  await original.line(/ready/)
  await using stats = start(folder, '--interval', '0.1', '--pubsub', `ipc://${folder.at('events')}`)
  await stats.line(/stats at ipc:/)

  await using listener = await StatsListener.at(`ipc://${folder.at('stats')}`)

  const { pid, subtopic, name, cmdline, fds, ...rest } = await listener.next(`stat.web.${sleeper.pid}`)
  assert.deepEqual([pid, subtopic, name, cmdline, typeof fds], [sleeper.pid, sleeper.pid, null, 'sleep', 'number'])
  assert.ok(!('wid' in rest) && !('started' in rest) && !('restarts' in rest))
  assert.deepEqual((await listener.next('stat.web'))['pid'], [sleeper.pid])
  assert.deepEqual((await listener.next('stat.circus'))['pid'], [original.pid, stats.pid])
  assert.deepEqual(await listener.next('stat.sockets.5'), {
    fd: 5,
    name: 'web',
    address: '127.0.0.1:8080',
    reads: 'N/A',
    subtopic: 5,
  })
})

test('what cannot run exits 1, what is called wrongly 2, and each says why', async () => {
  using folder = new Folder()
  const endpoint = `ipc://${folder.at('nobody')}`
  const alone = await runBin('circusd-stats', ['--endpoint', endpoint])
  assert.equal(alone.code, 1)
  assert.match(alone.stderr, /cannot reach/)
  assert.equal((await runBin('circusd-stats', ['--loud'])).code, 2)
  assert.match((await runBin('circusd-stats', ['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)

  await using daemon = await Daemon.start(folder, '')
  const busy = await runBin('circusd-stats', ['--endpoint', daemon.endpoint, '--statspoint', daemon.endpoint])
  assert.equal(busy.code, 1)
  assert.match(busy.stderr, /stats_endpoint/)
})
