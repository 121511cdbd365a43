import { KernelError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { check } from '../schema.ts'
import { Accepted, type CommandDefinition, type CommandResult } from './command.ts'

type Fields = Record<string, unknown>

/** The properties of a command as its schema makes them. Rejects with the first thing that is wrong, `ERR_PROPERTY_…`. */
export async function checkedProperties(definition: CommandDefinition, properties: Readonly<Fields>): Promise<unknown> {
  const checked = await check(definition.properties, properties)
  if ('value' in checked) return checked.value
  const [issue] = checked.issues
  throw new KernelError('ERR_PROPERTY_INVALID', [issue!.path, issue!.message, properties[issue!.path]])
}

/** The fields of the reply: of a client that is `waiting`, once the work is done; else what goes wrong with it is logged. */
export async function replyFields(
  command: string,
  result: CommandResult,
  waiting: unknown,
  log: Pick<Log, 'warning'>,
): Promise<Fields> {
  if (!(result instanceof Accepted)) return { ...result }
  if (waiting) return { ...result.fields, ...(await result.done) }
  result.done.catch((error: unknown) => log.warning(`${command}: ${reasonOf(error)}`))
  return { ...result.fields }
}
