import type { HookTarget, WatcherOptions } from './types.ts'

/** Hooks as JSON: functions by their names. */
export function describeHooks(
  hooks: WatcherOptions['hooks'],
): Record<string, [target: string, ignoreFailure: boolean]> {
  return Object.fromEntries(
    Object.entries(hooks).map(([name, [target, ignore]]) => [name, [targetText(target), ignore]]),
  )
}

function targetText(target: HookTarget): string {
  return typeof target === 'function' ? `function ${target.name || '(anonymous)'}` : target
}
