import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { Folder } from './support/folder.ts'
import { Program, root, runBin } from './support/program.ts'
import { onTerminal } from './support/pseudo-terminal.ts'

const folder = new Folder()
const env = { CIRCUSCTL_ENDPOINT: `ipc://${folder.at('control')}` }
let original: Program

before(async () => {
  original = new Program(process.execPath, [join(root, 'test/fixtures/original-circusd.ts'), folder.path])
  await original.line(/ready/)
})

after(async () => {
  await original?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test('tables leave out what an original daemon does not know', async () => {
  const table = async (line: string) => stripVTControlCharacters(await onTerminal(100, line, env))

  assert.equal(
    await table('status'),
    [
      'WATCHER  STATE    ALIVE  PID   UPTIME   CPU  MEMORY',
      'idle     stopped      0',
      'web      active       1  4711     12s  0.5%    8.0M',
      '',
    ].join('\n'),
  )
  assert.match(await table('list web'), /^web +4711 +12s +0\.5% +8M .* python$/m)
})

test('describe tells what an original daemon knows', async () => {
  const { code, stdout } = await runBin('circusctl', ['describe', 'web'], { env })

  assert.equal(code, 0)
  assert.match(stdout, /^web {2}active, 1 process alive\n/)
})

test('tail says that an original daemon has none', async () => {
  for (const line of [['tail'], ['logs', '-f', 'web', 'idle']]) {
    const { code, stderr } = await runBin('circusctl', line, { env })

    assert.equal(code, 3)
    assert.match(stderr, /^error: this daemon knows no tail: an original Circus keeps nothing of what processes write/)
  }
})

test('wait works with an original daemon', async () => {
  await using waiting = new Program(
    process.execPath,
    [join(root, 'cli/bin/circusctl.js'), 'wait', 'web', '--for', 'stopped'],
    {
      env,
    },
  )
  await runBin('circusctl', ['stop', 'web'], { env })

  assert.deepEqual(await waiting.end(), { code: 0, signal: null })
  assert.equal(waiting.stdout, 'web: stopped\n')
})
