import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isAlive, untilDead, untilTrue } from '../../harness/index.ts'
import { descriptors } from '../posix/running.ts'
import { pidOf, Watched } from './watched.ts'

test('released processes live on unwatched, and leave no zombie and no descriptor when they end', async () => {
  await using watched = await Watched.started({
    cmd: 'sleep 60',
    numprocesses: 2,
    max_age: 0.2,
    max_age_variance: 0,
    close_child_stdout: true,
    close_child_stderr: true,
  })
  const { watcher } = watched
  const { pids } = watcher
  const before = descriptors().length
  const told = watched.names.length
  await watcher.remove({ nostop: true })
  assert.equal(watcher.status, 'stopped')
  assert.deepEqual(watcher.pids, [])
  await new Promise((resolve) => setTimeout(resolve, 250))
  assert.ok(pids.every(isAlive))
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await untilDead(...pids)
  await untilTrue(() => descriptors().length === before - 2, 'the descriptors are closed')
  await untilTrue(() => pids.every((pid) => !exists(pid)), 'no zombie is left')
  assert.equal(watched.names.length, told)
})

test('released processes do not keep the daemon alive', async () => {
  const daemon = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../fixtures/programs/releases.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 10_000,
    },
  )
  const ended = once(daemon, 'exit')
  let text = ''
  for await (const chunk of daemon.stdout) text += chunk
  const pid = Number(/pid (\d+)/.exec(text)?.[1])
  try {
    assert.deepEqual(await ended, [0, null])
    assert.ok(isAlive(pid))
  } finally {
    process.kill(pid, 'SIGKILL')
  }
  await untilDead(pid)
})

test('release cuts short a start that waits, and keeps what was started', async () => {
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2, warmup_delay: 60 })
  const { watcher } = watched
  const started = watcher.start()
  const pid = pidOf(await watched.event('spawn'))
  try {
    const released = watcher.remove({ nostop: true })
    await assert.rejects(started, { code: 'ERR_START_ABORTED' })
    await released
    assert.equal(watcher.status, 'stopped')
    assert.ok(isAlive(pid))
  } finally {
    process.kill(pid, 'SIGKILL')
  }
})

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
