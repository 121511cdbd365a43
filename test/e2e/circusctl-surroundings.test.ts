import assert from 'node:assert/strict'
import { chmodSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { testAsRoot } from '../core/posix/running.ts'
import { Folder } from './support/folder.ts'
import { bin, runBin, runToEnd } from './support/program.ts'

const circusctl = [process.execPath, bin('circusctl')]

/** No packages, and no daemon. */
function assertNone({ code, stdout, stderr }: Awaited<ReturnType<typeof runBin>>): void {
  assert.deepEqual([code, stdout], [0, 'no packages bring commands here\n'])
  assert.match(stderr, /^circusctl: cannot reach a circusd at /)
}

test('a working folder that was removed has no packages', async () => {
  using folder = new Folder()
  mkdirSync(folder.at('gone'))

  const script = 'cd "$1" && rmdir "$1" && "$2" "$3" plugins --endpoint "ipc://$1"'
  assertNone(await runToEnd('sh', ['-c', script, 'sh', folder.at('gone'), ...circusctl]))
})

testAsRoot('a user without a home, in a folder that is not for him, has no packages and no keys', async () => {
  using folder = new Folder()
  folder.write('barred/package.json', '{}')
  chmodSync(folder.at('barred'), 0o700)
  const as = ['--reuid=54321', '--clear-groups', 'env', '-i', ...circusctl]
  const options = { cwd: folder.at('barred') }

  const nowhere = ['--endpoint', `ipc://${folder.at('no')}`]
  assertNone(await runToEnd('setpriv', [...as, ...nowhere, 'plugins'], options))
  const { stderr } = await runToEnd('setpriv', [...as, ...nowhere, 'status'], options)
  assert.match(stderr, /there is no such socket file/)
})

test('a full disk does not go unnoticed', async () => {
  const { code, stderr } = await runToEnd('sh', ['-c', '"$@" > /dev/full', 'sh', ...circusctl, 'completion', 'bash'])

  assert.equal(code, 1)
  assert.match(stderr, /^circusctl: standard output: ENOSPC/)
})

test('an endpoint that ssh cannot lead to is told before ssh is asked for anything', async () => {
  using folder = new Folder()
  chmodSync(folder.write('ssh', '#!/bin/sh\nexec sleep 1000\n'), 0o755)
  const env = { PATH: `${folder.path}:${process.env.PATH}` }
  const line = ['--ssh', 'user@host', '--endpoint', 'ipc://not/absolute', 'status']

  const { code, stderr } = await runBin('circusctl', line, { env })

  assert.equal(code, 1)
  assert.match(stderr, /^circusctl: ipc:\/\/not\/absolute cannot be reached through ssh/)
})
