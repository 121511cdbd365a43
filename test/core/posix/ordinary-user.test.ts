import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NOBODY, testAsRoot } from './running.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const files = [
  'process.test.ts',
  'posix/spawn.test.ts',
  'posix/pipes.test.ts',
  'posix/busy-pipes.test.ts',
  'posix/exec-chain.test.ts',
]
const watching = ['start-stop', 'termination', 'reload', 'release'].map((name) => `watcher/${name}.test.ts`)

testAsRoot('spawning and supervision work for an ordinary user as well', async () => {
  await using folder = await readableProject()
  for (const file of [...files, ...watching]) {
    // Each by itself: what the processes of a test print would get between the messages that test runners exchange.
    const { code, text } = await asNobody(folder.node, [join(folder.path, 'test/core', file)])
    assert.equal(code, 0, `${file}\n${text}`)
    assert.match(text, /pass [1-9]/)
  }
})

/** Run Node as a user who is not root. */
async function asNobody(node: string, args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(node, args, {
    uid: NOBODY,
    gid: NOBODY,
    cwd: tmpdir(),
    env: { ...env, HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data))
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  return { code, text }
}

/** The project, or a copy of what the tests need where other users may not read it. */
async function readableProject(): Promise<{ readonly path: string; readonly node: string } & AsyncDisposable> {
  const probe = join(project, 'core/index.ts')
  const reads = ['-e', 'fs.readFileSync(process.argv[1])', probe]
  const { code } = await asNobody(process.execPath, reads).catch(() => ({ code: 1 }))
  if (code === 0) return { path: project, node: process.execPath, [Symbol.asyncDispose]: async () => {} }
  const path = mkdtempSync(join(tmpdir(), 'circusd-'))
  for (const part of ['core', 'test', 'package.json', 'node_modules']) {
    cpSync(join(project, part), join(path, part), { recursive: true, verbatimSymlinks: true, filter: isNeeded })
  }
  const node = join(path, 'node')
  copyFileSync(process.execPath, node)
  chmodSync(path, 0o755)
  return { path, node, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) }
}

/** The large packages are for developing only. */
const isNeeded = (path: string): boolean => !/node_modules\/(@biomejs|@typescript|@oxc|node-|node\/)/.test(path)
