import assert from 'node:assert/strict'
import { mkdirSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { untilTrue } from '../harness/index.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { Sshd } from './support/sshd.ts'
import { publishing, startTop } from './support/top.ts'

const web = '[watcher:web]\ncmd = sleep 1000\n'

test('through ssh it sees the channel and acts, and outlives the daemon with one and the same connection', async () => {
  using folder = new Folder()
  await using sshd = await Sshd.start(folder)
  mkdirSync(folder.at('tmp'))
  await using first = await Daemon.start(folder, web, [], publishing(folder))
  const env = { PATH: sshd.path, TMPDIR: folder.at('tmp') }
  await using top = await startTop(first, ['--ssh', sshd.server, '--ssh_keyfile', sshd.key], { env })
  await top.shows(/every 1s[\s\S]*web \(1\) +active/)
  await top.press('Down', 'Down', '+', 'y')
  await top.shows(/web \(2\)[\s\S]*web: 2 processes/)

  first.kill('SIGTERM')
  await first.end()
  await top.shows(/STALE for/)
  await using second = await Daemon.start(folder, web, [], publishing(folder))
  const [pid] = await second.pids('web')
  await top.shows(new RegExp(`every 1s[\\s\\S]*${pid} sleep`))
  assert.equal(sshd.sessions, 1)

  await top.press('q')
  await top.shows(/^ended with 0$/m)
  await untilTrue(() => sshd.sessions === 0)
  await untilTrue(() => !readdirSync(folder.at('tmp')).some((name) => name.startsWith('circusctl-')))
})

test('through ssh a daemon without a channel is asked', async () => {
  using folder = new Folder()
  await using sshd = await Sshd.start(folder)
  await using daemon = await Daemon.start(folder, web)

  await using top = await startTop(daemon, ['--ssh', sshd.server, '--ssh_keyfile', sshd.key], {
    env: { PATH: sshd.path },
  })

  await top.shows(/asked every 1s[\s\S]*web \(1\) +active/)
})
