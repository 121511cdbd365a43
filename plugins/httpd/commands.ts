import { type Circus, maskSecrets, type Principal, ReplyError } from '../../core/plugin.ts'
import type { CommandDescription, Role } from './api.ts'
import { ConsoleError } from './errors.ts'
import type { Person } from './sessions.ts'

/** How long a command may take: a watcher may take its time to stop. */
const patienceMs = 10 * 60_000
/** The list of commands is asked for anew after so long: plugins come and go. */
const freshMs = 5_000

type Described = CommandDescription & { readonly showsOptions?: boolean }

/** Those that are not for browsers. */
const notOurs: ReadonlySet<string> = new Set(['listen', 'announce', 'report', 'serve'])

/** What a daemon can be asked, and by whom. */
export class Commands {
  readonly #circus: Circus
  #known: Readonly<Record<string, Described>> = {}
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(circus: Circus) {
    this.#circus = circus
  }

  /** Each by its name. Rejects when the daemon does not answer. */
  async all(): Promise<Readonly<Record<string, Described>>> {
    if (performance.now() - this.#askedAt < freshMs) return this.#known
    const known = await this.#ask()
    this.#known = Object.fromEntries(Object.entries(known).filter(([name]) => !notOurs.has(name)))
    this.#askedAt = performance.now()
    return this.#known
  }

  async has(name: string): Promise<boolean> {
    return Object.hasOwn(await this.all(), name)
  }

  /**
   * Ask for somebody, and only what they may: the daemon sees to that as well, but an original one knows no roles.
   * Secrets are masked for everybody: what a browser has been shown stays in its memory.
   */
  async call(
    name: string,
    properties: Readonly<Record<string, unknown>>,
    { name: who, role }: Person,
    reads: boolean,
  ): Promise<object> {
    const all = await this.all()
    const command = Object.hasOwn(all, name) ? all[name] : undefined
    if (!command) throw new ConsoleError(404, 'ERR_COMMAND_UNKNOWN', `there is no command ${JSON.stringify(name)}`)
    if (ranks[role] < ranks[command.role])
      throw new ConsoleError(403, 'ERR_ROLE_TOO_LOW', `${name} takes the role ${command.role}, and ${who} has ${role}`)
    if (reads !== command.readOnly) {
      const method = command.readOnly ? 'GET' : 'POST'
      throw new ConsoleError(405, 'ERR_METHOD', `${name} is asked with ${method}`)
    }
    const { showsOptions: masked = false } = command
    const as: Principal = { name: who, role: masked && role === 'admin' && command.role !== 'admin' ? 'operate' : role }
    const reply = await this.#circus.call(name, properties, { as, timeoutMs: patienceMs })
    const { status: _, id: __, time: ___, ...fields } = reply
    return isStatus(reply.status) ? { ...maskedIf(masked, fields), status: reply.status } : maskedIf(masked, fields)
  }

  async #ask(): Promise<Readonly<Record<string, Described>>> {
    try {
      const { commands } = await this.#circus.call<{ commands: Record<string, Partial<Described>> }>('commands')
      return Object.fromEntries(
        Object.entries(commands).map(([name, { summary = '', properties = {}, role, readOnly, ...rest }]) => [
          name,
          {
            ...original(name),
            ...rest,
            summary,
            properties,
            ...(role && { role }),
            ...(readOnly !== undefined && { readOnly }),
          },
        ]),
      )
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error
      return Object.fromEntries([...originals.keys()].map((name) => [name, original(name)]))
    }
  }
}

const ranks: Readonly<Record<Role, number>> = { view: 0, operate: 1, admin: 2 }

/** `status` of one watcher answers in the place of the reply's own. */
const isStatus = (status: unknown) => status !== 'ok' && status !== undefined

const maskedIf = <T extends object>(masked: boolean, fields: T): T => (masked ? maskSecrets(fields) : fields)

/** The commands of an original daemon, which tells none. */
const originals: ReadonlyMap<string, Role> = new Map([
  ...[
    'dstats',
    'get',
    'globaloptions',
    'list',
    'listsockets',
    'numprocesses',
    'numwatchers',
    'options',
    'stats',
    'status',
  ].map((name) => [name, 'view'] as const),
  ...['start', 'stop', 'restart', 'reload', 'incr', 'decr', 'signal', 'kill'].map((name) => [name, 'operate'] as const),
  ...['add', 'rm', 'set', 'quit', 'reloadconfig'].map((name) => [name, 'admin'] as const),
])

function original(name: string): Described {
  const role = originals.get(name) ?? 'admin'
  return { summary: '', properties: { type: 'object' }, role, readOnly: role === 'view', showsOptions: role === 'view' }
}
