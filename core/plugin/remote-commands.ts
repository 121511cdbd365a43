import type { CommandDefinition } from '../command/command.ts'
import type { CommandRegistry } from '../command/registry.ts'
import type { Role } from '../command/role.ts'
import { KernelError } from '../errors.ts'
import type { Schema } from '../schema.ts'
import { checkDeclared, checkPanel } from './command.ts'
import { type RemoteAnswer, type RemoteRequest, Servant } from './servant.ts'

/** A process that has not come for so long is gone, in milliseconds: half as long again as one is kept waiting. */
const LEASE_MS = 30_000

/** A command as the process that answers it describes it. */
export interface OfferedCommand {
  readonly name: string
  readonly summary: string
  /** JSON Schema. */
  readonly properties: object
  readonly role: Role
  readonly readOnly: boolean
  readonly showsOptions: boolean
  readonly panel?: string | undefined
}

/** What a process says when it comes for requests. */
export interface Offer {
  readonly pid: number
  /** All its commands; none: it ends. */
  readonly commands: readonly OfferedCommand[]
  /** What it has done since it came last. */
  readonly answers: readonly RemoteAnswer[]
}

interface Employment {
  readonly servant: Servant
  readonly lease: NodeJS.Timeout
  /** Its commands as it has described them. */
  offered: string
  names: readonly string[]
  withdraw(): void
}

/**
 * Commands of plugins in processes of their own. Such a process comes for requests by the command `serve`, which is
 * answered when there are some, and brings what it has done when it comes again.
 */
export class RemoteCommands {
  readonly #registry: CommandRegistry
  readonly #isThere: (plugin: string, pid: number) => boolean
  readonly #employed = new Map<string, Employment>()

  /** @param isThere whether a process of a plugin is alive, as far as that is known */
  constructor(registry: CommandRegistry, isThere: (plugin: string, pid: number) => boolean) {
    this.#registry = registry
    this.#isThere = isThere
  }

  /** The commands of a plugin, by name. */
  of(plugin: string): readonly string[] {
    return this.#employed.get(plugin)?.names ?? []
  }

  /**
   * A process of a plugin offers its commands, and waits for requests. Resolves to none when time is up, at once when its
   * commands were just taken in, and when it comes once more. Rejects with `ERR_PLUGIN_INVALID`: a command that cannot
   * be, or is another's; another process answers them now.
   */
  async serve(plugin: string, { pid, commands, answers }: Offer): Promise<readonly RemoteRequest[]> {
    const known = this.#employed.get(plugin)
    if (known?.servant.pid === pid) for (const answer of answers) known.servant.settle(answer)
    if (commands.length === 0) {
      if (known?.servant.pid === pid) this.drop(plugin, 'it has ended')
      return []
    }
    const employment = known ?? this.#employ(plugin)
    const isKnown = employment.servant.pid === pid
    employment.servant.pid = pid
    employment.lease.refresh()
    if (isKnown && employment.offered === JSON.stringify(commands)) return employment.servant.fetch()
    this.#take(plugin, employment, commands)
    return []
  }

  /** A plugin's commands are there no more: who waits for an answer hears why. */
  drop(plugin: string, why: string): void {
    const employment = this.#employed.get(plugin)
    if (!employment) return
    this.#employed.delete(plugin)
    clearTimeout(employment.lease)
    employment.withdraw()
    employment.servant.end(why)
  }

  #employ(plugin: string): Employment {
    const lease = setTimeout(() => this.drop(plugin, 'its process is not heard of any more'), LEASE_MS).unref()
    const servant = new Servant(plugin, (pid) => this.#isThere(plugin, pid))
    const employment = { servant, lease, offered: '', names: [], withdraw() {} }
    this.#employed.set(plugin, employment)
    return employment
  }

  #take(plugin: string, employment: Employment, commands: readonly OfferedCommand[]): void {
    employment.withdraw()
    const withdrawals: (() => void)[] = []
    employment.withdraw = () => {
      for (const withdraw of withdrawals) withdraw()
    }
    try {
      for (const command of commands) withdrawals.push(this.#registry.add(stub(command, employment.servant), plugin))
    } catch (error) {
      this.drop(plugin, 'it offers what it cannot')
      throw error
    }
    employment.offered = JSON.stringify(commands)
    employment.names = commands.map(({ name }) => name)
  }
}

/** The command as the registry takes it. */
function stub(offered: OfferedCommand, servant: Servant): CommandDefinition {
  const invalid = (why: string) => new KernelError('ERR_PLUGIN_INVALID', [servant.plugin, why])
  checkDeclared(offered, invalid)
  const { name, summary, role, readOnly, showsOptions, panel, properties } = offered
  if (typeof properties !== 'object') throw invalid(`the command ${name}: its properties are no JSON Schema`)
  checkPanel(offered as CommandDefinition, properties, invalid)
  return {
    name,
    summary: String(summary),
    role,
    readOnly: Boolean(readOnly),
    showsOptions: Boolean(showsOptions),
    ...(panel !== undefined && { panel }),
    properties: unchecked(properties),
    execute: ({ caller }, given) => servant.ask(name, given as Record<string, unknown>, caller),
  }
}

/** A schema that shows itself, and takes everything: the process checks. */
const unchecked = (shown: object): Schema => ({
  '~standard': {
    version: 1,
    vendor: 'circusd',
    validate: (value) => ({ value }),
    jsonSchema: { input: () => ({ ...shown }), output: () => ({ ...shown }) },
  },
})
