import type { Arbiter } from '../arbiter.ts'
import { RefusalLog } from '../channel/refusals.ts'
import { KernelError } from '../errors.ts'
import type { Hooks } from '../hooks.ts'
import type { Log } from '../log.ts'
import { jsonSchema } from '../schema.ts'
import { maskSecrets } from '../secrets.ts'
import { checkedProperties, replyFields } from './carry-out.ts'
import type { Caller, CommandCall, CommandDefinition } from './command.ts'
import { allows, type Role } from './role.ts'

type Fields = Record<string, unknown>

interface Entry {
  readonly definition: CommandDefinition
  /** Where it comes from; `null`: the kernel. */
  readonly plugin: string | null
}

/** What `commands` tells of one. */
export interface CommandDescription {
  readonly summary: string
  /** JSON Schema. */
  readonly properties: object
  /** The least role that may ask for it. */
  readonly role: Role
  readonly readOnly: boolean
  /** Its reply may hold secrets, which are masked for roles below admin. */
  readonly showsOptions: boolean
  /** The title of its page in the web console. */
  readonly panel?: string
  readonly plugin?: string
}

/** The commands a daemon answers, its own and its plugins'. */
export class CommandRegistry {
  readonly #arbiter: Arbiter
  readonly #hooks: Hooks
  readonly #log: Log
  readonly #commands = new Map<string, Entry>()
  readonly #refusals: RefusalLog

  constructor(arbiter: Arbiter, hooks: Hooks, log: Log, commands: readonly CommandDefinition[]) {
    this.#arbiter = arbiter
    this.#hooks = hooks
    this.#log = log
    this.#refusals = new RefusalLog(log)
    for (const definition of commands) this.#commands.set(definition.name, { definition, plugin: null })
  }

  /** Add a plugin's command. Returns how to take it away. Throws `ERR_PLUGIN_INVALID` when the name is taken. */
  add(definition: CommandDefinition, plugin: string): () => void {
    const { name } = definition
    const taken = this.#commands.get(name)
    if (taken) {
      const by = taken.plugin === null ? 'the kernel' : `plugin ${taken.plugin}`
      throw new KernelError('ERR_PLUGIN_INVALID', [plugin, `there is a command ${name} already, of ${by}`])
    }
    this.#commands.set(name, { definition, plugin })
    return () => void this.#commands.delete(name)
  }

  /** What `commands` answers: each command's summary, properties (JSON Schema) and role, and the plugin it comes from. */
  describe(): Record<string, CommandDescription> {
    const rows = [...this.#commands].map(([name, { definition, plugin }]) => {
      const { summary, properties, readOnly = false, showsOptions = false, panel } = definition
      const role = neededRole(definition, plugin)
      const rest = { properties: jsonSchema(properties), role, readOnly, showsOptions }
      return [name, { summary, ...rest, ...(panel && { panel }), ...(plugin !== null && { plugin }) }] as const
    })
    return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Carry out a command, named in any case. Resolves to the fields of its reply; rejects with what a client gets as an error. */
  async dispatch(asked: string, properties: Readonly<Fields>, caller: Caller): Promise<Fields> {
    const name = asked.toLowerCase()
    const command = this.#commands.get(name)
    if (!command) throw new KernelError('ERR_COMMAND_UNKNOWN', [asked])
    this.#demandRole(command, caller)
    const { definition } = command
    if (!definition.showsOptions || caller.role === 'admin') return this.#carryOut(name, definition, properties, caller)
    return maskSecrets(await this.#carryOut(name, definition, properties, caller))
  }

  #demandRole({ definition, plugin }: Entry, caller: Caller): void {
    const needed = neededRole(definition, plugin)
    if (allows(caller.role, needed)) return
    const refusal = new KernelError('ERR_ROLE_TOO_LOW', [definition.name, needed, caller.name, caller.role])
    this.#refusals.add(refusal.message)
    throw refusal
  }

  async #carryOut(
    name: string,
    definition: CommandDefinition,
    properties: Readonly<Fields>,
    caller: Caller,
  ): Promise<Fields> {
    if (!this.#hooks.command.isUsed()) return this.#execute(definition, properties, caller)
    const outcome = Promise.withResolvers<Fields>()
    outcome.promise.catch(() => {})
    let refusal: KernelError | undefined
    const call: CommandCall = {
      name,
      properties,
      caller,
      reply: outcome.promise,
      refuse: (reason) => {
        refusal = new KernelError('ERR_FORBIDDEN', [reason])
        throw refusal
      },
    }
    const answer = await this.#hooks.command.promise(call)
    const result = refusal
      ? Promise.reject(refusal)
      : answer
        ? Promise.resolve(answer)
        : this.#execute(definition, properties, caller)
    result.then(outcome.resolve, outcome.reject)
    return result
  }

  async #execute(definition: CommandDefinition, properties: Readonly<Fields>, caller: Caller): Promise<Fields> {
    const checked = await checkedProperties(definition, properties)
    if (!definition.readOnly) {
      if (this.#arbiter.stopping && definition.name !== 'quit') throw new KernelError('ERR_ARBITER_STOPPING', [])
      this.#log.info(`${definition.name} ${summarize(properties)} asked by ${describeCaller(caller)}`)
    }
    const result = await definition.execute({ arbiter: this.#arbiter, caller }, checked)
    return replyFields(definition.name, result, properties['waiting'], this.#log)
  }
}

/** What it takes to ask for a command: a plugin's is for admins unless the plugin says less. */
function neededRole({ role, readOnly }: CommandDefinition, plugin: string | null): Role {
  return role ?? (readOnly && plugin === null ? 'view' : 'admin')
}

/** Who asked, for the log: `key alice (operate)`, `channel tcp 127.0.0.1`, `plugin flapping`. */
function describeCaller({ via, name, role }: Caller): string {
  return name.startsWith('key ') ? `${name} (${role})` : `${via} ${name}`
}

/** The properties of a command for the log; environments may hold secrets, whatever they are called. */
function summarize(properties: Readonly<Fields>): string {
  const shown = (key: string, value: unknown) => (key === 'env' || key.startsWith('env.') ? '…' : value)
  const text = JSON.stringify(maskSecrets(properties), shown)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
