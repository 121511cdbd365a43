import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { runBin } from './support/program.ts'

test('a live process keeps its pidfile; it is gone after the end', async () => {
  using folder = new Folder()
  const pidfile = folder.at('pid')
  await using daemon = await Daemon.start(folder, '', [], `pidfile = ${pidfile}\n`)
  assert.equal(readFileSync(pidfile, 'utf8'), `${daemon.pid}\n`)
  using other = new Folder()
  const file = other.write('circus.ini', `${other.circus}[watcher:web]\ncmd = sleep 1000\n`)

  const { code, stderr } = await runBin('circusd', [file, '--pidfile', pidfile])

  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`${daemon.pid}`))
  daemon.kill('SIGTERM')
  await daemon.end()
  assert.equal(existsSync(pidfile), false)
})

test('an endpoint on which a daemon answers is not taken away', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, '')

  const { code, stderr } = await runBin('circusd', [folder.at('circus.ini')])

  assert.equal(code, 1)
  assert.match(stderr, new RegExp(daemon.endpoint))
  assert.equal((await daemon.ask('numwatchers')).numwatchers, 1)
})

test('an endpoint that is open to the network is refused, with what to do', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', '[circus]\nendpoint = tcp://0.0.0.0:*\n[watcher:web]\ncmd = sleep 1000\n')

  const { code, stderr } = await runBin('circusd', [file], { env: { CIRCUS_ALLOW_INSECURE: '' } })

  assert.equal(code, 1)
  assert.match(stderr, /allow_insecure/)
})

test('umask and proc_name of [circus] are in force', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, '', [], 'umask = 027\nproc_name = my-circus\n')

  assert.match(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'), /^Umask:\s+0027$/m)
  assert.match(readFileSync(`/proc/${daemon.pid}/cmdline`, 'utf8'), /^my-circus/)
})
