import type { Arbiter } from '../arbiter.ts'
import type { CircusClient } from '../channel/client.ts'
import { ReplyError } from '../channel/reply-error.ts'
import { checkedProperties, replyFields } from '../command/carry-out.ts'
import type { Caller, CommandContext, CommandDefinition } from '../command/command.ts'
import { Errno, KernelError, reasonOf } from '../errors.ts'
import { jsonSchema } from '../schema.ts'
import { pluginCommand } from './command.ts'
import type { OfferedCommand } from './remote-commands.ts'
import type { PluginScope } from './scope.ts'
import { HOLD_MS, type RemoteAnswer, type RemoteRequest } from './servant.ts'

/** How long an answer to `serve` may take longer than the daemon holds it back, in milliseconds. */
const SPARE_MS = 10_000
/** The next try at a daemon that does not answer, in seconds. */
const RETRY_SECONDS = 1

/** Answers the commands of a plugin in this process: offers them to the daemon, and comes for what they are asked. */
export class CommandService {
  readonly #client: CircusClient
  readonly #scope: PluginScope
  readonly #commands = new Map<string, CommandDefinition>()
  #answers: RemoteAnswer[] = []
  #isOpen = false
  /** Visits to the daemon that are under way. */
  #visits = 0

  constructor(client: CircusClient, scope: PluginScope) {
    this.#client = client
    this.#scope = scope
  }

  /** Contribute a command. Throws `ERR_PLUGIN_INVALID`. */
  add(definition: CommandDefinition): void {
    const command = pluginCommand(definition, this.#scope)
    if (this.#commands.has(command.name))
      throw new KernelError('ERR_PLUGIN_INVALID', [this.#scope.name, `there is a command ${command.name} already`])
    this.#commands.set(command.name, command)
    if (this.#isOpen) void this.#visit()
  }

  /**
   * Resolves when the daemon has taken the commands, or has refused them: an original Circus takes none, another plugin may
   * have one of that name. The plugin goes on without them then. Rejects when the daemon is not there.
   */
  async open(): Promise<void> {
    if (this.#commands.size > 0) {
      try {
        await this.#serve([])
      } catch (error) {
        if (!(error instanceof ReplyError)) throw error
        const what = [...this.#commands.keys()].join(', ')
        const why = error.errno === Errno.unknownCommand ? 'it takes none of plugins beside it' : error.reason
        this.#scope.log.warning(`the daemon does not take the commands ${what}: ${why}`)
        return
      }
      void this.#visit()
    }
    this.#isOpen = true
    const end = () => this.#isOpen && this.#commands.size > 0 && this.#client.cast('serve', this.#offer([], []))
    this.#scope.signal.addEventListener('abort', end, { once: true })
  }

  /** Bring what is answered, wait for requests, and come again when no other visit is under way. */
  async #visit(): Promise<void> {
    const answers = this.#answers.splice(0)
    this.#visits++
    try {
      const requests = await this.#serve(answers)
      for (const request of requests) void this.#answer(request)
    } catch (error) {
      if (!this.#scope.active) return
      if (error instanceof ReplyError) {
        this.#isOpen = false
        this.#scope.fail('its commands', error)
      } else {
        // The daemon is away. What it had asked it has forgotten when it is back.
        this.#scope.after(RETRY_SECONDS, () => void this.#visit())
      }
      return
    } finally {
      this.#visits--
    }
    if (this.#visits === 0 && this.#scope.active) void this.#visit()
  }

  async #answer({ id, command, properties, caller }: RemoteRequest): Promise<void> {
    try {
      const definition = this.#commands.get(command)
      if (!definition) throw new KernelError('ERR_COMMAND_UNKNOWN', [command])
      const checked = await checkedProperties(definition, properties)
      const result = await definition.execute(this.#context(caller), checked)
      const fields = await replyFields(command, result, properties['waiting'], this.#scope.log)
      this.#answers.push({ id, fields })
    } catch (error) {
      const { code } = error as { code?: string }
      this.#answers.push({ id, error: { code, message: reasonOf(error) } })
    }
    if (this.#scope.active) void this.#visit()
  }

  #context(caller: Caller): CommandContext {
    const { name } = this.#scope
    return {
      caller,
      get arbiter(): Arbiter {
        const why = 'in a process of its own its commands have no arbiter: use circus.call'
        throw new KernelError('ERR_PLUGIN_INVALID', [name, why])
      },
    }
  }

  async #serve(answers: readonly RemoteAnswer[]): Promise<readonly RemoteRequest[]> {
    const offer = this.#offer([...this.#commands.values()], answers)
    const reply = await this.#client.call<{ requests?: RemoteRequest[] }>('serve', offer, {
      timeoutMs: HOLD_MS + SPARE_MS,
    })
    return reply.requests ?? []
  }

  #offer(commands: readonly CommandDefinition[], answers: readonly RemoteAnswer[]) {
    return { plugin: this.#scope.name, pid: process.pid, commands: commands.map(described), answers }
  }
}

const described = (definition: CommandDefinition): OfferedCommand => {
  const { name, summary, role = 'admin', readOnly = false, showsOptions = false, panel, properties } = definition
  return { name, summary, role, readOnly, showsOptions, panel, properties: jsonSchema(properties) }
}
