import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ConfigError, loadConfig } from '../../../core/config/index.ts'
import type { Config } from '../../../core/config/types.ts'

/** A fresh folder with some files in it, gone when its scope ends. */
export function configFolder(files: Readonly<Record<string, string | Uint8Array>>) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'circusd-config-')))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return {
    root,
    path: (name: string) => join(root, name),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Read `text` as a circus.ini, against an environment of its own. */
export async function readText(text: string | Uint8Array, env: Record<string, string> = {}): Promise<Config> {
  using folder = configFolder({ 'circus.ini': text })
  return await loadConfig(folder.path('circus.ini'), { env })
}

/** What is wrong with `text` as a circus.ini: each error as `LINE: MESSAGE`. */
export async function errorsOf(text: string | Uint8Array, env: Record<string, string> = {}): Promise<string[]> {
  return (await failure(readText(text, env))).errors.map(({ line, message }) => `${line}: ${message}`)
}

/** The warnings about `text` as a circus.ini: each as `LINE: MESSAGE`. */
export async function warningsOf(text: string): Promise<string[]> {
  return (await readText(text)).warnings.map(({ line, message }) => `${line}: ${message}`)
}

/** The `ConfigError` a reading ends with. */
export async function failure(reading: Promise<unknown>): Promise<ConfigError> {
  try {
    await reading
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was read without an error')
}
