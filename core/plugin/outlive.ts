import type { Log } from '../log.ts'
import { asKernel, pluginAtWork } from './at-work.ts'

/**
 * For a program that is nothing but a daemon: it goes on whatever is thrown where nobody waits for it, and a plugin cannot
 * end it with `process.exit()` or `process.abort()`, which throw instead, nor flood it by `console`. What a plugin is to blame for is its failure.
 */
export function outlive(log: Log): void {
  const tell = (kind: string, what: string) => (error: unknown) => {
    const at = placeOf(error)
    const scope = pluginAtWork()
    if (scope?.active) scope.fail(at ? `${what} (${at})` : what, error)
    else log.critical(kind, { error, at, ...(scope && { plugin: scope.name }) })
  }
  process.on('uncaughtException', tell('uncaught exception', 'code that nobody waits for'))
  process.on('unhandledRejection', tell('unhandled rejection', 'a promise that nobody waits for'))
  for (const method of ['log', 'info', 'debug', 'warn', 'error'] as const) {
    console[method] = boundedForPlugins(console[method])
  }
  process.exit = notForPlugins('exit', process.exit)
  process.abort = notForPlugins('abort', process.abort)
}

function notForPlugins<F extends (...args: never[]) => never>(name: string, end: F): F {
  const guarded = (...args: Parameters<F>) => {
    if (!pluginAtWork()) return end.apply(process, args)
    const error = new Error(`process.${name}() would end the daemon: plugins cannot call it there`)
    Error.captureStackTrace(error, guarded)
    throw error
  }
  return guarded as F
}

/** What a plugin prints counts as what it logs: as much, and no more. */
function boundedForPlugins<A extends unknown[]>(print: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    const scope = pluginAtWork()
    if (scope?.admitsLine() ?? true) asKernel(() => print(...args))
  }
}

/** Where something was thrown, outside of Node: most likely in the file of a plugin, a hook or a stream class. */
const placeOf = (error: unknown): string | undefined =>
  error instanceof Error ? /^ +at (?!.*\bnode:)(.+)$/m.exec(error.stack ?? '')?.[1] : undefined
