import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { acquirePidfile } from '../../core/pidfile.ts'

let folder: string
let path: string

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'circus-pidfile-'))
  path = join(folder, 'pid')
})

after(() => rmSync(folder, { recursive: true, force: true }))

test('it holds this pid until it is released', () => {
  const release = acquirePidfile(path)

  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  release()
  assert.equal(existsSync(path), false)
})

test('a live process keeps its pidfile, a dead one loses it', async () => {
  const child = spawn('sleep', ['1000'])
  try {
    writeFileSync(path, `${child.pid}\n`)

    assert.throws(() => acquirePidfile(path), { code: 'ERR_PIDFILE_HELD' })
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  acquirePidfile(path)()
})

test('a process that is younger than the file did not write it', async () => {
  const child = spawn('sleep', ['1000'])
  try {
    writeFileSync(path, `${child.pid}\n`)
    const hourAgo = Date.now() / 1000 - 3600
    utimesSync(path, hourAgo, hourAgo)

    acquirePidfile(path)()
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test('an empty file, or one with this very pid, is replaced', () => {
  for (const text of ['', `${process.pid}\n`]) {
    writeFileSync(path, text)
    acquirePidfile(path)()
  }
})

test('a file that is no pidfile is left alone', () => {
  writeFileSync(path, 'something precious\n')

  assert.throws(() => acquirePidfile(path), { code: 'ERR_SYSTEM_CALL' })
  assert.equal(readFileSync(path, 'utf8'), 'something precious\n')
  rmSync(path)
})

test('releasing leaves alone what another process has written', () => {
  const release = acquirePidfile(path)
  writeFileSync(path, '1\n')

  release()

  assert.equal(readFileSync(path, 'utf8'), '1\n')
  rmSync(path)
})

test('a folder that is not there is an error with its name', () => {
  assert.throws(() => acquirePidfile('/nowhere/pid'), { code: 'ERR_SYSTEM_CALL', message: /\/nowhere\/pid.*ENOENT/ })
})
