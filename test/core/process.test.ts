import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readlinkSync } from 'node:fs'
import { delimiter } from 'node:path'
import { test } from 'node:test'
import { describeExit } from '../../core/process.ts'
import { temporaryFolder } from '../harness/index.ts'
import { NOBODY, Running, testAsOrdinaryUser, testAsRoot } from './posix/running.ts'

for (const [title, changes, message] of [
  ['a missing program', { argv: ['/no/such/program'] }, /\/no\/such\/program: no such file/],
  ['a program that is nowhere along PATH', { argv: ['nosuchprogram'] }, /nosuchprogram was not found along PATH/],
  ['a folder', { argv: ['/etc'] }, /it is not a file/],
  ['a file without permission to execute', { argv: ['/etc/passwd'] }, /it is not executable/],
  ['a missing working_dir', { cwd: '/no/such/folder' }, /working_dir \/no\/such\/folder is not a folder/],
  ['a working_dir that is a file', { cwd: '/etc/passwd' }, /working_dir \/etc\/passwd is not a folder/],
  ['an empty command', { argv: [] }, /the command is empty/],
  ['an empty word as the command', { argv: [''] }, /the command is empty/],
] as const) {
  test(`${title} is an error that says so`, () => {
    assert.throws(() => new Running(changes as never), { code: 'ERR_SPAWN_FAILED', message })
  })
}

test('a script without its interpreter, and a file that is no program, are errors that say so', () => {
  using folder = temporaryFolder({ script: '#!/no/such/interpreter\n', text: 'no program\n' })
  for (const name of ['script', 'text']) chmodSync(folder.path(name), 0o755)
  assert.throws(() => new Running({ argv: [folder.path('script')] }), /interpreter that its first line names/)
  assert.throws(() => new Running({ argv: [folder.path('text')] }), /neither a program nor a script/)
})

test('a program is looked up along the PATH of its environment, else along that of the daemon', async () => {
  using folder = temporaryFolder({ 'bin/hello': '#!/bin/sh\necho hello\n' })
  chmodSync(folder.path('bin/hello'), 0o755)
  for (const changes of [{ env: { PATH: folder.path('bin') } }, { searchPath: folder.path('bin') }]) {
    await using running = new Running({ argv: ['hello'], ...changes })
    await running.exited
    assert.equal(running.text, 'hello\n')
  }
  assert.throws(() => new Running({ argv: ['hello'], env: { PATH: '/bin' }, searchPath: folder.path('bin') }))
})

test('a folder of PATH that may not be entered does not end the search', async () => {
  using folder = temporaryFolder()
  using _ = closedFolder(folder.path('closed'))
  const searchPath = [folder.path('closed'), '/etc/passwd', '/no/such', '/usr/bin', '/bin'].join(delimiter)
  await using running = new Running({ argv: ['true'], searchPath })
  assert.equal((await running.exited).exitCode, 0)
})

test('a relative path starts in working_dir', async () => {
  using folder = temporaryFolder({ 'run.sh': '#!/bin/sh\npwd\n' })
  chmodSync(folder.path('run.sh'), 0o755)
  await using running = new Running({ argv: ['./run.sh'], cwd: folder.root })
  await running.exited
  assert.equal(running.text, `${folder.root}\n`)
})

testAsOrdinaryUser('a working_dir that an ordinary user may not enter is an error', () => {
  using folder = temporaryFolder()
  using _ = closedFolder(folder.path('closed'))
  assert.throws(() => new Running({ cwd: folder.path('closed') }), { code: 'ERR_SPAWN_FAILED' })
})

test('executable is run in place of argv[0], which it is told', async () => {
  await using running = new Running({ argv: ['other-name', '-c', 'echo $0'], executable: '/bin/sh' })
  await running.exited
  assert.equal(running.text, 'other-name\n')
})

test('the environment is what it is given and nothing else', async () => {
  await using running = new Running({ argv: ['env'], env: { A: '1', B: 'two words', C: '' } })
  await running.exited
  assert.deepEqual(running.text.split('\n').filter(Boolean).sort(), ['A=1', 'B=two words', 'C='])
})

test('streams that are closed are /dev/null, and stdin ends at once', async () => {
  await using reader = new Running({ argv: ['cat'] })
  assert.equal((await reader.exited).exitCode, 0)
  await using running = new Running({ argv: ['sleep', '60'], stdout: 'null', stderr: 'null' })
  for (const fd of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${running.pid}/fd/${fd}`), '/dev/null')
})

for (const [argv, exitCode, words] of [
  [['true'], 0, 'exited with status 0'],
  [['sh', '-c', 'exit 7'], 7, 'exited with status 7'],
  [['sh', '-c', 'kill -9 $$'], -9, 'killed by SIGKILL'],
  [['sh', '-c', 'kill -36 $$'], -36, 'killed by signal 36'],
] as const) {
  test(`the end of ${argv.join(' ')} is told as ${exitCode}`, async () => {
    await using running = new Running({ argv: [...argv] })
    const exit = await running.exited
    assert.equal(exit.exitCode, exitCode)
    assert.equal(describeExit(exit), words)
    assert.equal(running.process.state, 'exited')
  })
}

/** A folder that only root may enter. It is opened at the end, so that it can be removed. */
function closedFolder(path: string): Disposable {
  mkdirSync(path, { mode: 0 })
  return { [Symbol.dispose]: () => chmodSync(path, 0o700) }
}

testAsRoot('a PWD that may not be looked at does not keep anything from starting', () => {
  using folder = temporaryFolder({ 'hidden/x': '' })
  chmodSync(folder.root, 0o700)
  const module = new URL('../../core/config/working-folder.ts', import.meta.url).href
  const script = `import(${JSON.stringify(module)}).then(({ workingFolder }) => {
    process.setuid(${NOBODY})
    console.log(workingFolder({ working_dir: null }, { PWD: ${JSON.stringify(folder.path('hidden'))} }))
  })`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: '/' })
  assert.deepEqual([stdout, stderr], ['/\n', ''])
})
