import { Accepted, type CommandDefinition, type CommandResult } from '../command/command.ts'
import { roles } from '../command/role.ts'
import { KernelError } from '../errors.ts'
import { check, jsonSchema, type Schema } from '../schema.ts'
import type { PluginScope } from './scope.ts'

/**
 * A command of a plugin as the registry takes it: it is for admins unless it declares less, and whatever it does, the
 * client gets a reply. What it throws is logged, counted and answered as `ERR_PLUGIN_FAILED`; a `KernelError` is its
 * way to refuse something, and is answered as it is.
 *
 * Throws `ERR_PLUGIN_INVALID`.
 */
export function pluginCommand(definition: CommandDefinition, scope: PluginScope): CommandDefinition {
  const invalid = (why: string) => new KernelError('ERR_PLUGIN_INVALID', [scope.name, why])
  const { name, summary, properties, role = 'admin', execute } = definition
  if (!scope.active) throw invalid(`it has ended and cannot contribute the command ${name}`)
  checkDeclared({ name, role }, invalid)
  if (typeof execute !== 'function') throw invalid(`the command ${name} has no function execute`)
  if (typeof properties?.['~standard']?.validate !== 'function')
    throw invalid(`the properties of the command ${name} are no schema: write z.object({…})`)
  const checked = contained(name, properties, scope, invalid)
  checkPanel(definition, jsonSchema(checked), invalid)
  return {
    ...definition,
    summary: String(summary ?? ''),
    role,
    properties: checked,
    async execute(context, given) {
      const result = await scope.answer(`its command ${name}`, async () =>
        sendable(await definition.execute(context, given)),
      )
      if (!(result instanceof Accepted)) return result
      return new Accepted(
        scope.answer(`its command ${name}`, async () => sendable(await result.done)),
        result.fields,
      )
    },
  }
}

/** What a plugin says of its command, wherever it runs. Throws what `invalid` makes. */
export function checkDeclared(
  { name, role }: Pick<CommandDefinition, 'name' | 'role'>,
  invalid: (why: string) => KernelError,
): void {
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_-]*$/.test(name))
    throw invalid(`the name of a command is a word in lower case, not ${JSON.stringify(name)}`)
  if (!role || !roles.includes(role))
    throw invalid(`the role of the command ${name} is one of ${roles.join(', ')}, not ${role}`)
}

/** What it takes to have a page in the web console. Throws what `invalid` makes. */
export function checkPanel(
  { name, panel, readOnly }: Pick<CommandDefinition, 'name' | 'panel' | 'readOnly'>,
  properties: { readonly required?: unknown },
  invalid: (why: string) => KernelError,
): void {
  if (panel === undefined) return
  if (typeof panel !== 'string' || panel.trim() === '' || panel.length > 40)
    throw invalid(`the panel of the command ${name} is its title, of 1 to 40 characters, not ${JSON.stringify(panel)}`)
  if (readOnly !== true)
    throw invalid(`the command ${name} has a panel, which asks it again and again: write readOnly: true`)
  if (Array.isArray(properties.required) && properties.required.length > 0)
    throw invalid(
      `the command ${name} has a panel, so it needs a default or .optional() for ${properties.required.join(', ')}`,
    )
}

/** The schema of a plugin's properties: it tells all that is wrong at once, and its own failures are the plugin's. */
function contained(
  command: string,
  schema: Schema,
  scope: PluginScope,
  invalid: (why: string) => KernelError,
): Schema<unknown> {
  const shown = shownSchema(schema, (why) => invalid(`the properties of the command ${command}: ${why}`))
  return {
    '~standard': {
      version: 1,
      vendor: schema['~standard'].vendor,
      validate: (input) =>
        scope.answer(`its check of the properties of ${command}`, async () => {
          const checked = await check(schema, input)
          if ('value' in checked) return { value: checked.value }
          const words = checked.issues.map(({ path, message }) => (path ? `${path}: ${message}` : message))
          throw new KernelError('ERR_PROPERTIES_INVALID', [command, words.join('; ')])
        }),
      jsonSchema: { input: () => shown, output: () => shown },
    },
  }
}

function shownSchema(schema: Schema, invalid: (why: string) => KernelError): Record<string, unknown> {
  try {
    const { $schema, ...shown } = JSON.parse(JSON.stringify(jsonSchema(schema)))
    if (shown.type === undefined || shown.type === 'object') return shown
  } catch (error) {
    throw invalid(`they cannot be shown as JSON Schema: ${error}`)
  }
  throw invalid('they are an object: write z.object({…})')
}

/** What a command answered, once it is sure that a reply can carry it. */
function sendable(result: CommandResult): CommandResult {
  if (result === undefined || result === null) return undefined
  if (typeof result !== 'object' || Array.isArray(result)) {
    throw new TypeError(`it answered ${Array.isArray(result) ? 'a list' : `a ${typeof result}`}, not an object`)
  }
  JSON.stringify(result instanceof Accepted ? result.fields : result) // throws at what JSON cannot carry
  return result
}
