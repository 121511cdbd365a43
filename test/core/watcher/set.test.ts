import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watcherGroups } from '../../../core/config/watcher-groups.ts'
import { watcherRows } from '../../../core/config/watcher-table.ts'
import { temporaryFolder, untilTrue } from '../../harness/index.ts'
import { Watched } from './watched.ts'

/** Another value for each option that has one that runs anywhere. */
const others: Readonly<Record<string, unknown>> = {
  cmd: 'sleep 61',
  args: '0',
  shell: true,
  shell_args: 'x',
  executable: '/bin/sleep',
  singleton: true,
  working_dir: '/tmp',
  uid: process.getuid!(),
  gid: process.getgid!(),
  copy_env: false,
  copy_path: true,
  virtualenv: '/tmp',
  virtualenv_py_ver: '3.12',
  warmup_delay: 0.001,
  max_retry: 7,
  graceful_timeout: 5,
  stop_signal: 'INT',
  stop_children: true,
  send_hup: true,
  priority: 3,
  autostart: false,
  respawn: false,
  max_age: 1000,
  max_age_variance: 10,
  respawn_delay: 0.2,
  respawn_delay_max: 20,
  use_sockets: true,
  close_child_stdin: false,
  close_child_stdout: true,
  close_child_stderr: true,
  'env.NEW': '1',
  rlimit_core: 0,
  'stdout_stream.class': 'FileStream',
  'hooks.before_start': './x.ts:y',
  'flapping.window': '2',
}
/** They need something that is not there, or that a running watcher of a test cannot do without. */
const elsewhere = ['numprocesses', 'sockets', 'stdin_socket', 'on_demand']

test('every option is among those that are tried', () => {
  const tried = [...Object.keys(others), ...elsewhere]
  assert.deepEqual(
    [...watcherRows.keys()].filter((name) => !tried.includes(name)),
    [],
  )
})

for (const [name, value] of Object.entries(others)) {
  const group = watcherGroups.find(({ prefix }) => name.startsWith(prefix))
  const row = watcherRows.get(name)
  const effect = row?.effect ?? group?.effect ?? 'none'
  test(`set ${name}: ${effect === 'replace' ? 'its process is replaced' : 'its process stays'}`, async () => {
    await using watched = await Watched.started({ cmd: 'sleep 60', respawn_delay: 0.001 })
    const { watcher } = watched
    const { pids } = watcher
    await watcher.set({ [name]: value })
    assert.equal(watched.count('updated'), 1)
    assert.equal(watched.count('spawn'), effect === 'replace' ? 2 : 1)
    assert.equal(watcher.pids.includes(pids[0]!), effect !== 'replace')
    await watcher.set({ [name]: value })
    assert.equal(watched.count('spawn'), effect === 'replace' ? 2 : 1)
  })
}

test('set replaces one by one, and each new process is made from the new options', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 3 })
  const { watcher } = watched
  watched.resetAlive()
  await watcher.set({ cmd: 'sleep 61' })
  assert.deepEqual([watched.alive.least, watched.alive.most], [2, 3])
  assert.equal(new Set(watcher.processes.map(({ generation }) => generation)).size, 1)
})

test('set of a number and a command at once leaves the right number of new processes', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 3 })
  const { watcher } = watched
  const old = watcher.pids
  await watcher.set({ cmd: 'sleep 61', numprocesses: 5 })
  assert.equal(watcher.pids.length, 5)
  await watcher.set({ cmd: 'sleep 62', numprocesses: 2 })
  assert.equal(watcher.pids.length, 2)
  assert.ok(!watcher.pids.some((pid) => old.includes(pid)))
})

test('numprocesses goes up and down, and the oldest go first', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 2 })
  const { watcher } = watched
  const [first, second] = watcher.pids
  await watcher.set({ numprocesses: 4 })
  assert.deepEqual(watcher.pids.slice(0, 2), [first, second])
  const [, , third, fourth] = watcher.pids
  await watcher.resize(2).done
  assert.deepEqual(watcher.pids, [third, fourth])
  await watcher.resize(-5).done
  assert.deepEqual(watcher.pids, [])
  assert.equal(watcher.status, 'active')
  await watcher.resize(1).done
  assert.equal(watcher.pids.length, 1)
})

test('set of a stopped watcher is in force at its next start', async () => {
  await using watched = new Watched({ cmd: 'sleep 60' })
  const { watcher } = watched
  await watcher.set({ numprocesses: 3, cmd: 'sleep 61' })
  assert.deepEqual(watcher.pids, [])
  await watcher.start()
  assert.equal(watcher.pids.length, 3)
})

test('set is checked whole: one wrong value, and nothing is changed', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60' })
  const { watcher } = watched
  const { config } = watcher
  assert.throws(() => watcher.set({ graceful_timeout: 5, numprocesses: 'many' }), { code: 'ERR_OPTION_INVALID' })
  assert.throws(() => watcher.set({ cmd: 'sleep "60' }), { code: 'ERR_WATCHER_INVALID' })
  assert.throws(() => watcher.set({ numproceses: 2 }), { code: 'ERR_OPTION_UNKNOWN' })
  assert.equal(watcher.config, config)
  assert.equal(watched.count('updated'), 0)
})

test('a command that cannot be split once its references are replaced is an error that says so', async () => {
  await using watched = new Watched({ cmd: 'echo $(circus.env.QUOTE)', env: { QUOTE: '"' }, max_retry: 1 })
  await assert.rejects(watched.watcher.start(), { code: 'ERR_SPAWN_FAILED' })
  assert.equal(watched.watcher.status, 'stopped')
})

test('set of a command that cannot be run fails, and says why', async () => {
  using folder = temporaryFolder()
  await using watched = await Watched.started({ cmd: 'sleep 60', max_retry: 2, respawn_delay: 0.01 })
  const { watcher } = watched
  await assert.rejects(watcher.set({ cmd: folder.path('nothing') }), { message: /no such file/ })
})

test('graceful_timeout and stop_signal are those of the moment when it stops', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60' })
  const { watcher } = watched
  await watcher.set({ stop_signal: 'USR1' })
  await watcher.stop()
  assert.equal((await watched.event('reap')).payload['exit_code'], -10)
})

test('respawn switched off and on again: what died meanwhile is not made up for, what dies then is', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 3, respawn_delay: 0.001 })
  const { watcher } = watched
  await watcher.set({ respawn: false })
  watcher.processes[0]!.signal(9)
  await watched.event('reap')
  assert.equal(watcher.pids.length, 2)
  await watcher.set({ respawn: true })
  watcher.processes[0]!.signal(9)
  await watched.event('spawn', { count: 4 })
  await untilTrue(() => watcher.pids.length === 2)
})
