import type { Daemon } from './daemon.ts'
import type { Output } from './output.ts'

/** A positional argument of a command of `circusctl`. */
export interface Argument {
  readonly name: string
  readonly description: string
  readonly required?: boolean
  /** The texts it takes. */
  readonly options?: readonly string[]
}

/** A flag of a command: `--name`, `--name TEXT` or `--name NUMBER`. */
export interface Flag {
  readonly description: string
  /** A letter for it: `-f`. */
  readonly short?: string
  readonly type: 'boolean' | 'text' | 'number'
  /** The texts it takes. */
  readonly options?: readonly string[]
  /** A text that may be given several times: what is read is a list then. */
  readonly multiple?: boolean
  /** The environment variable that counts when the flag is not given. Help shows it. */
  readonly env?: string
  /** What holds when it is not given. Help shows it. */
  readonly default?: string
}

/** What a flag was given as; a list for one that may be given several times. */
export type FlagValue = string | number | boolean | readonly string[]

/** The flags of a command line, by name; what was not given is absent. */
export type Flags = Readonly<Record<string, FlagValue | undefined>>

/** A reply of the daemon. */
export type Reply = Readonly<Record<string, unknown>>

/** What a command that does more than one call works with. */
export interface Session {
  readonly daemon: Daemon
  readonly output: Output
  /** Whether JSON is wanted: `output.printJson`, and nothing else. */
  readonly json: boolean
  /** Aborted when the user has had enough: Ctrl-C. */
  readonly interrupted: AbortSignal
}

/**
 * One command of `circusctl`. It is declared rather than written as an oclif class, because importing oclif takes
 * longer than all the rest of a call: `oclif.ts` makes the class for packages and the manifest, and a command line is
 * read without it (`read-line.ts`).
 */
export interface ControlCommand {
  readonly name: string
  readonly summary: string
  /** The daemon's plugin that brings it; ours have none. */
  readonly plugin?: string
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
  /** On a terminal, in place of the one call and `print`: what people like to see. Not with `--json`. */
  show?(session: Session, positionals: readonly string[], flags: Flags): Promise<void>
  /** Asks no daemon: it is done once, however many are named. @default false */
  readonly local?: boolean
  /** `--timeout` is for what `run` does, and not for each call. @default false */
  readonly ownTimeout?: boolean
  /** What `run` prints comes bit by bit, and not all at the end. @default false */
  readonly streams?: boolean
  /** In place of the one call, always. Resolves to the exit code when it is not 0. */
  run?(session: Session, positionals: readonly string[], flags: Flags): Promise<number | void>
}

/** The command line cannot mean anything. */
export class UsageError extends Error {}

/** Without `--endpoint` and CIRCUSCTL_ENDPOINT. */
export const defaultEndpoint = 'tcp://127.0.0.1:5555'

/** Seconds. */
export const defaultTimeout = 5

/** The flags that every command has. */
export const connectionFlags: Readonly<Record<string, Flag>> = {
  endpoint: {
    type: 'text',
    description: "the daemon's control endpoint, or those of several",
    multiple: true,
    env: 'CIRCUSCTL_ENDPOINT',
    default: defaultEndpoint,
  },
  timeout: {
    type: 'number',
    description: 'seconds for the answer; work that is waited for has no limit without it',
    default: String(defaultTimeout),
  },
  json: { type: 'boolean', description: 'print the reply as JSON' },
  prettify: { type: 'boolean', description: 'with --json: indented, keys sorted' },
  ssh: { type: 'text', description: 'reach the daemon through ssh: [USER@]HOST[:PORT]' },
  ssh_keyfile: { type: 'text', description: 'the private key for --ssh' },
  key: { type: 'text', description: "the client's key, for a daemon with auth = curve", env: 'CIRCUS_KEY' },
}
