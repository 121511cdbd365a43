import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NOBODY, testAsRoot } from './running.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const files = ['process.test.ts', 'posix/spawn.test.ts', 'posix/pipes.test.ts', 'posix/exec-chain.test.ts']
const watching = ['start-stop', 'termination', 'reload', 'release'].map((name) => `watcher/${name}.test.ts`)

testAsRoot('spawning and supervision work for an ordinary user as well', async () => {
  await using folder = await readableProject()
  const tests = [...files, ...watching].map((file) => join(folder.path, 'test/core', file))
  const { code, text } = await asNobody(['--test', '--test-reporter=tap', ...tests])
  assert.equal(code, 0, text)
  assert.match(text, /^# pass [1-9]/m)
})

/** Run Node as a user who is not root. */
async function asNobody(args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, args, {
    uid: NOBODY,
    gid: NOBODY,
    cwd: tmpdir(),
    env: { ...env, HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data))
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  return { code, text }
}

/** The project, or a copy of what the tests need where other users may not read it. */
async function readableProject(): Promise<{ readonly path: string } & AsyncDisposable> {
  const probe = join(project, 'core/index.ts')
  const { code } = await asNobody(['-e', 'fs.readFileSync(process.argv[1])', probe]).catch(() => ({ code: 1 }))
  if (code === 0) return { path: project, [Symbol.asyncDispose]: async () => {} }
  const path = mkdtempSync(join(tmpdir(), 'circusd-'))
  for (const part of ['core', 'test', 'package.json', 'node_modules']) {
    cpSync(join(project, part), join(path, part), { recursive: true, verbatimSymlinks: true })
  }
  const { chmodSync } = await import('node:fs')
  chmodSync(path, 0o755)
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) }
}
