import type { Daemon } from './daemon.ts'

/** A positional argument of a command of `circusctl`. */
export interface Argument {
  readonly name: string
  readonly description: string
  readonly required?: boolean
}

/** A flag of a command: `--name`, `--name TEXT` or `--name NUMBER`. */
export interface Flag {
  readonly description: string
  readonly type: 'boolean' | 'text' | 'number'
  /** The texts it takes. */
  readonly options?: readonly string[]
}

/** The flags of a command line, by name; what was not given is absent. */
export type Flags = Readonly<Record<string, string | number | boolean | undefined>>

/** A reply of the daemon. */
export type Reply = Readonly<Record<string, unknown>>

/** What a command that does more than one call works with. */
export interface Session {
  readonly daemon: Daemon
  readonly json: boolean
  print(text: string): void
}

/**
 * One command of `circusctl`. It is declared rather than written as an oclif class, because importing oclif takes
 * longer than all the rest of a call: `oclif.ts` makes the class for help, mistakes and plugins, and a plain command
 * line is read without it (`read-line.ts`).
 */
export interface ControlCommand {
  readonly name: string
  readonly summary: string
  readonly args?: readonly Argument[]
  /**
   * Takes any number of positional arguments; after the first so many, a flag that is not the command's own is one too:
   * `add NAME CMD -x`.
   */
  readonly variadicAfter?: number
  readonly flags?: Readonly<Record<string, Flag>>
  readonly examples?: readonly string[]
  /** The properties of the request. Throws a `UsageError`. @default none */
  properties?(positionals: readonly string[], flags: Flags): Readonly<Record<string, unknown>>
  /** The reply for people. @default `ok` */
  print?(reply: Reply): string
  /** In place of the one call. */
  run?(session: Session, positionals: readonly string[], flags: Flags): Promise<void>
}

/** The command line cannot mean anything. */
export class UsageError extends Error {}

/** The flags that every command has. */
export const connectionFlags: Readonly<Record<string, Flag>> = {
  endpoint: { type: 'text', description: "the daemon's control endpoint" },
  timeout: { type: 'number', description: 'seconds to wait for the answer' },
  json: { type: 'boolean', description: 'print the reply as JSON' },
}

/** Without `--endpoint` and CIRCUSCTL_ENDPOINT. */
export const defaultEndpoint = 'tcp://127.0.0.1:5555'

/** Seconds. */
export const defaultTimeout = 5
