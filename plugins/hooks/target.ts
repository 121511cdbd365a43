import type { HookTarget } from '../../core/index.ts'
import { splitCommand } from '../../core/index.ts'
import type { Hook } from './context.ts'
import { runCommand } from './exec.ts'

/** Imports a module by what an option calls it. */
export type LoadModule = (specifier: string) => Promise<Record<string, unknown>>

/**
 * The function behind a target: `./file.ts:fn`, `package:fn`, `package/sub:fn` (the default export without `:fn`),
 * `exec:COMMAND`, or a function as it is. Rejects, saying what to write instead, when there is none.
 */
export async function resolveTarget(target: HookTarget, load: LoadModule, folder: string): Promise<Hook> {
  if (typeof target === 'function') return target as Hook
  if (target.startsWith('exec:')) {
    const argv = splitCommand(target.slice('exec:'.length))
    if (argv.length === 0) throw new Error('exec: names no command')
    return (context) => runCommand(argv, folder, context)
  }
  const { specifier, name } = split(target)
  if (isDotted(target)) throw new Error(insteadOfPython(target))
  const module = await load(specifier).catch((error: Error) => {
    throw isDotted(specifier) ? new Error(`${error.message}; ${insteadOfPython(target)}`, { cause: error }) : error
  })
  const found = module[name]
  if (typeof found === 'function') return found as Hook
  const functions = Object.keys(module).filter((key) => typeof module[key] === 'function')
  const has = functions.length > 0 ? `its functions are ${functions.join(', ')}` : 'it exports no function'
  throw new Error(`${specifier} exports no function ${name}; ${has}`)
}

function split(target: string): { specifier: string; name: string } {
  const colon = target.lastIndexOf(':')
  if (colon < 0) return { specifier: target, name: 'default' }
  return { specifier: target.slice(0, colon), name: target.slice(colon + 1) || 'default' }
}

/** `package.module.function`, as the original has it. */
const isDotted = (text: string): boolean => /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(text) && !/\.[cm]?[jt]s$/.test(text)

function insteadOfPython(target: string): string {
  const path = target.replace(':', '.')
  const dot = path.lastIndexOf('.')
  const [module, name] = [path.slice(0, dot), path.slice(dot + 1)]
  const script = `import sys; from ${module} import ${name}; sys.exit(not ${name}())`
  return (
    'it looks like a Python function, which cannot be called from here: write ./file.ts:FUNCTION, PACKAGE:FUNCTION, ' +
    `or exec:python3 -c '${script}'`
  )
}
