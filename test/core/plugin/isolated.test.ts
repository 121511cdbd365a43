import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isAlive, startArbiter, untilDead } from '../../harness/index.ts'

const crier = fileURLToPath(new URL('../../fixtures/plugins/crier.ts', import.meta.url))
const ini = `[plugin:crier]\nuse = ${crier}\nisolate = true\n`

test('with isolate = true a plugin runs in a process of its own, a watcher named plugin:NAME', async () => {
  await using running = await startArbiter(ini)

  const { watcher } = await running.events.until(({ watcher }) => watcher.startsWith('crier-'))

  const pid = Number(watcher.slice('crier-'.length))
  assert.notEqual(pid, process.pid)
  assert.deepEqual(running.arbiter.watcher('plugin:crier').pids, [pid])
  const [loaded] = running.arbiter.plugins.loaded
  assert.equal(loaded?.where, 'isolated')
})

test('an isolated plugin that dies is started again', async () => {
  await using running = await startArbiter(ini)
  const cries = { count: 2 }
  const first = await running.events.until(({ watcher, event }) => watcher.startsWith('crier-') && event === 'add')
  process.kill(Number(first.watcher.slice('crier-'.length)), 'SIGKILL')

  const second = await running.events.until(
    ({ watcher, event }) => watcher.startsWith('crier-') && event === 'add',
    cries,
  )

  assert.notEqual(second.watcher, first.watcher)
})

test('unloading an isolated plugin removes its watcher and its process', async () => {
  await using running = await startArbiter(ini)
  const [pid] = running.arbiter.watcher('plugin:crier').pids

  await running.arbiter.plugins.unload('crier')

  assert.throws(() => running.arbiter.watcher('plugin:crier'), { code: 'ERR_WATCHER_UNKNOWN' })
  await untilDead(pid!)
})

test('a plugin of the kernel cannot be isolated, and says so', async () => {
  await using running = await startArbiter('[plugin:hooks]\nisolate = true\n[watcher:web]\ncmd = sleep 60\n')
  await running.log.record(/\[plugin:hooks\] is left out: .*kernel: true.*cannot have isolate = true/)
  assert.ok(isAlive(running.arbiter.watcher('web').pids[0]!))
})

test('options with passwords are not among the arguments of the process', async () => {
  const source = `import { readFileSync } from 'node:fs'
    const any = { version: 1, vendor: 'test', validate: (value) => ({ value }) }
    export default { name: 'secret', options: { '~standard': any }, setup(circus, { password }) {
      const line = readFileSync('/proc/self/cmdline', 'utf8')
      circus.cast('add', { name: password + line.includes(password), cmd: 'sleep 60' })
    } }`
  await using running = await startArbiter('[plugin:s]\nuse = ./s.ts\nisolate = true\npassword = x$y\n', {
    files: { 's.ts': source },
  })
  await running.events.event('x$yfalse.add')
})
