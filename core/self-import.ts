import { registerHooks } from 'node:module'

let provided = false

/**
 * From now on, whoever imports `circusd` or `circusd/…` in this process (a plugin, a hook's file, a typed configuration, a
 * package with commands for circusctl) gets this very package: wherever the file lies, whether this package is installed
 * globally or run from its sources.
 */
export function provideSelf(): void {
  if (provided) return
  provided = true
  const sources = import.meta.url.endsWith('.ts') ? ['circusd-source'] : []
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== 'circusd' && !specifier.startsWith('circusd/')) return next(specifier, context)
      const { conditions } = context
      return next(specifier, { ...context, parentURL: import.meta.url, conditions: [...conditions, ...sources] })
    },
  })
}
