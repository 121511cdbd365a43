import type { Arbiter } from '../arbiter.ts'
import type { Schema } from '../schema.ts'
import { lesser, type Principal, type Role } from './role.ts'

/** Who sent a command. */
export interface Caller {
  /** `channel`: over the control channel; `plugin`: from a plugin in the daemon; `library`: by the embedding program. */
  readonly via: 'channel' | 'plugin' | 'library'
  /** Who exactly, for the log: a channel's endpoint, a plugin's name. */
  readonly name: string
  readonly role: Role
}

/** The same caller, when it asks for somebody else, who may do less. */
export const onBehalf = (caller: Caller, as: Principal | undefined): Caller =>
  as ? { ...caller, name: `${caller.name} for ${as.name}`, role: lesser(caller.role, as.role) } : caller

/** One command while it is carried out, as the `command` hook sees it. */
export interface CommandCall {
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly caller: Caller
  /** Settles with the fields it answered, or rejects with what it failed of. */
  readonly reply: Promise<Record<string, unknown>>
  /** Refuse the command: the client gets an error with this reason. */
  refuse(reason: string): never
}

/** What a command works on. */
export interface CommandContext {
  readonly arbiter: Arbiter
  readonly caller: Caller
}

/**
 * What a command answers: the fields of its reply; or, for work that takes time, `accepted` at once and the fields of
 * `done` when the client said `waiting`. Without `waiting`, a failure of `done` is logged.
 */
export type CommandResult = object | void | Accepted

/** Work that was begun: see `CommandResult`. */
export class Accepted {
  readonly fields: object
  readonly done: Promise<object | void>

  constructor(done: Promise<object | void>, fields: object = {}) {
    this.done = done
    this.fields = fields
  }
}

/** A command of the control channel. */
// biome-ignore lint/suspicious/noExplicitAny: the commands of a registry have nothing but this shape in common
export interface CommandDefinition<Properties = any> {
  /** Lower case. */
  readonly name: string
  /** One line, for people. */
  readonly summary: string
  /** Checks the properties (unknown ones are ignored, as in the original). Its JSON Schema is what `commands` shows. */
  readonly properties: Schema<Properties>
  /** Whether it only reads: such a command is answered while the daemon shuts down. */
  readonly readOnly?: boolean
  /** The least role that may ask for it. @default 'view' for a command of the kernel that only reads, else 'admin' */
  readonly role?: Role
  /** Its reply holds options or environments: what looks like a secret in it is masked for roles below admin. */
  readonly showsOptions?: boolean
  /** Its reply has a page of this title in the web console, asked for again and again: it only reads, and needs no properties. */
  readonly panel?: string
  execute(context: CommandContext, properties: Properties): CommandResult | Promise<CommandResult>
}

/** Declare a command; types `execute` by the schema of `properties`. */
export const defineCommand = <Properties>(definition: CommandDefinition<Properties>): CommandDefinition<Properties> =>
  definition
