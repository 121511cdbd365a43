import { KernelError } from '../errors.ts'
import { check, type Schema } from '../schema.ts'
import type { PluginDefinition } from './definition.ts'

/** The options of a plugin, checked by its schema. Throws `ERR_PLUGIN_INVALID` with everything that is wrong. */
export async function pluginOptions(
  name: string,
  { options: schema }: PluginDefinition,
  given: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  if (!schema) {
    const [first] = Object.keys(given)
    if (first !== undefined) throw new KernelError('ERR_PLUGIN_INVALID', [name, `it takes no options, so no ${first}`])
    return {}
  }
  return checked(name, schema, given, '')
}

/** What a plugin claims in `[watcher:…]`. */
export interface Claim {
  readonly prefix: string
  readonly schema: Schema | undefined
}

/** The claim of a plugin, if it makes one. */
export function claimOf({ watcherOptions }: PluginDefinition): Claim | undefined {
  if (watcherOptions === undefined) return undefined
  return typeof watcherOptions === 'string' ? { prefix: watcherOptions, schema: undefined } : watcherOptions
}

/** Those of a watcher's unclaimed options that begin with the claim's prefix, without it, checked by its schema. */
export async function claimedOptions(
  name: string,
  { prefix, schema }: Claim,
  options: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const mine = Object.entries(options)
    .filter(([key]) => key.startsWith(`${prefix}.`))
    .map(([key, value]) => [key.slice(prefix.length + 1), value] as const)
  const given = Object.fromEntries(mine)
  return schema ? checked(name, schema, given, `${prefix}.`) : given
}

async function checked(name: string, schema: Schema, given: object, prefix: string): Promise<unknown> {
  const result = await check(schema, given)
  if ('value' in result) return result.value
  // An issue without a path is about the options as a whole, and names the one it means.
  const words = result.issues.map(({ path, message }) => (path ? `${prefix}${path}: ${message}` : message))
  throw new KernelError('ERR_PLUGIN_INVALID', [name, words.join('; ')])
}
