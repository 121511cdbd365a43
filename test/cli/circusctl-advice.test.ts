import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import test from 'node:test'
import { failureOf } from '../../cli/circusctl/failure.ts'
import { KernelError } from '../../core/client.ts'
import { NOBODY, testAsRoot } from '../core/posix/running.ts'
import { Folder } from '../e2e/support/folder.ts'
import { runBin } from '../e2e/support/program.ts'

/** What is told of a daemon that cannot be reached, to an ordinary user. */
function toldToNobody(endpoint: string): string {
  const error = new KernelError('ERR_UNREACHABLE', [endpoint, 'permission denied'])
  process.seteuid!(NOBODY)
  try {
    return failureOf('status', error, { endpoint, timeoutMs: undefined }).text
  } finally {
    process.seteuid!(0)
  }
}

testAsRoot('who may not use a socket is told whose it is', async () => {
  using folder = new Folder()
  const server = createServer().listen(folder.at('control'))
  await new Promise((resolve) => server.once('listening', resolve))
  chmodSync(folder.at('control'), 0o600)

  const text = toldToNobody(`ipc://${folder.at('control')}`)

  server.close()
  assert.match(
    text,
    /permission denied\nYou are \S+ \(uid 65534\); \S+control belongs to root:root, mode 0600\.\nendpoint_owner/,
  )
})

testAsRoot('who may not even look for a socket is told which folder is in the way', () => {
  using folder = new Folder()
  folder.write('private/control', '')
  chmodSync(folder.at('private'), 0o700)

  const text = toldToNobody(`ipc://${folder.at('private/control')}`)

  assert.match(text, /the way to it is barred: \S+\/private belongs to root:root, mode 0700\./)
})

test('a socket whose other side hangs up is not said to be left behind', async () => {
  using folder = new Folder()
  const server = createServer((socket) => socket.destroy()).listen(folder.at('events'))
  await new Promise((resolve) => server.once('listening', resolve))

  const { code, stderr } = await runBin('circusctl', ['--endpoint', `ipc://${folder.at('events')}`, 'status'])

  server.close()
  assert.equal(code, 1)
  assert.match(stderr, /went away without an answer\n.*not the control endpoint/)
  assert.doesNotMatch(stderr, /left behind/)
})

test('an answer that does not come in time is told with what to check', () => {
  const error = new KernelError('ERR_CALL_TIMEOUT', ['tcp://127.0.0.1:1', 5_000])

  assert.match(failureOf('status', error).text, /^circusctl: no answer .*\nIs that the control endpoint .* --timeout/)
})
