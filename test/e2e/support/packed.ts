import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './program.ts'

/** How long one call of npm may take, in milliseconds. */
const patienceMs = 120_000

/** Run npm in a folder, with this Node. Rejects with what it wrote when it fails. */
export async function npm(folder: string, args: readonly string[], path = ''): Promise<void> {
  const PATH = [path, dirname(process.execPath), process.env['PATH']].filter(Boolean).join(':')
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  // Tests that npm runs are no part of ours.
  const env = { ...process.env, PATH, NODE_TEST_CONTEXT: undefined }
  const options = { cwd: folder, env, timeout: patienceMs }
  await promisify(execFile)('npm', [...args, ...quiet], options)
}

/** Pack a package into a folder, whatever it makes before. Returns the path of the tarball. */
export async function pack(source: string, folder: string, path = ''): Promise<string> {
  mkdirSync(folder, { recursive: true })
  await npm(source, ['pack', '--silent', '--pack-destination', folder], path)
  return join(folder, String(globSync('*.tgz', { cwd: folder })[0]))
}

/** Pack this checkout, from a copy: another test may be packing at the same time. */
export async function packCheckout(folder: string): Promise<string> {
  const copy = join(folder, 'copy')
  const parts = [
    'core',
    'cli',
    'plugins',
    'testing',
    'hooks-examples/plugins',
    'test/pack',
    ...globSync('{*.md,*.json,LICENSE}', { cwd: root }),
  ]
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return pack(copy, join(folder, 'packed'))
}
