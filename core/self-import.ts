import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

let provided = false

/**
 * From now on, whoever imports `circusd` in this process (a plugin, a hook's file, a typed configuration) gets this very
 * kernel: wherever the file lies, whether this package is installed globally or run from its sources.
 */
export function provideSelf(): void {
  if (provided) return
  provided = true
  const compiled = new URL('./index.js', import.meta.url)
  const entry = existsSync(fileURLToPath(compiled)) ? compiled : new URL('./index.ts', import.meta.url)
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'circusd' ? { url: entry.href, shortCircuit: true } : next(specifier, context),
  })
}
