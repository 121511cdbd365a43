import { quoted } from './quoted.ts'

/** The error numbers of the wire protocol (PROTOCOL.md, "Control"). */
export const Errno = {
  notSpecified: 0,
  invalidJson: 1,
  unknownCommand: 2,
  message: 3,
  os: 4,
  command: 5,
  badData: 6,
} as const
export type Errno = (typeof Errno)[keyof typeof Errno]

/** After a message, what was probably meant. */
const orRather = (nearest?: string): string => (nearest ? `; did you mean ${quoted(nearest)}?` : '')

/** A value in a message: as JSON where it has any, and never long. */
function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 200)
  } catch {
    return typeof value
  }
}

/**
 * Every error the kernel throws on purpose: its number on the wire and its text. Codes are API: add, never rename.
 * `said`: what the original says of the same, word for word; programs may look for it.
 */
const catalogue = {
  ERR_REQUEST_INVALID: [Errno.invalidJson, (why?: string) => `json invalid${why ? `: ${why}` : ''}`],
  ERR_COMMAND_UNKNOWN: [
    Errno.unknownCommand,
    (name: string, nearest?: string) => `unknown command: ${quoted(name)}${orRather(nearest)}`,
  ],
  ERR_PROPERTY_MISSING: [
    Errno.message,
    (name: string, said?: string) => said ?? `message invalid '${name}' is missing`,
  ],
  ERR_PROPERTY_INVALID: [
    Errno.message,
    (name: string, expected: string, got: unknown, said?: string) =>
      said ?? `property '${name}' must be ${expected}, not ${shown(got)}`,
  ],
  ERR_PATTERN_TOO_SLOW: [
    Errno.message,
    (pattern: string) => `pattern ${shown(pattern)} takes too long to match: write a simpler one`,
  ],
  ERR_PROPERTIES_INVALID: [Errno.message, (command: string, why: string) => `${command}: ${why}`],
  ERR_WATCHER_UNKNOWN: [Errno.message, (name: string) => `program ${name} not found`],
  ERR_PROCESS_UNKNOWN: [
    Errno.message,
    (pid: number, name: string, parent?: number) =>
      parent === undefined
        ? `process ${pid} not found in ${quoted(name)}`
        : `process ${pid} not found among the children of ${parent}`,
  ],
  ERR_OPTION_UNKNOWN: [
    Errno.message,
    (name: string, nearest?: string, said = `unknown key ${quoted(name)}`) => `${said}${orRather(nearest)}`,
  ],
  ERR_OPTION_INVALID: [
    Errno.message,
    (name: string, expected: string, got: unknown, said?: string) =>
      `${said ? `${quoted(name)} ${said}: it` : `option '${name}'`} must be ${expected}, not ${shown(got)}`,
  ],
  ERR_REOPEN_FAILED: [Errno.os, (which: string) => `not everything was opened anew: ${which}; it is tried again`],
  ERR_STREAM_INVALID: [Errno.message, (why: string) => why],
  ERR_WATCHER_INVALID: [Errno.command, (name: string, why: string) => `watcher '${name}': ${why}`],
  ERR_SYSTEM_CALL: [
    Errno.os,
    (call: string, what: string, errno: string, meaning: string) => `${call} ${what}: ${errno}, ${meaning}`,
  ],
  ERR_SPAWN_FAILED: [Errno.os, (watcher: string, why: string) => `${watcher}: cannot run: ${why}`],
  ERR_SOCKET_UNAVAILABLE: [Errno.os, (name: string, place: string, why: string) => `[socket:${name}] ${place}: ${why}`],
  ERR_WATCHER_EXISTS: [Errno.command, (name: string) => `${quoted(name)} already exist`],
  ERR_WATCHER_REMOVED: [Errno.command, (name: string) => `program ${name} was removed`],
  ERR_START_FAILED: [Errno.command, (name: string, why: string) => `${name} did not start: ${why}`],
  ERR_RELOAD_FAILED: [
    Errno.command,
    (name: string, why: string) => `${name} was not reloaded, the old processes stay: ${why}`,
  ],
  ERR_START_ABORTED: [Errno.command, (name: string, by: string) => `the start of ${name} was cut short by ${by}`],
  ERR_VETOED: [Errno.command, (name: string, what: string, by: string) => `${name}: ${what} was refused by ${by}`],
  ERR_SINGLETON: [Errno.command, (name: string) => `${name} is a singleton: it has at most one process`],
  ERR_ARBITER_STOPPING: [Errno.command, () => 'the daemon is shutting down'],
  ERR_ARBITER_STARTED: [Errno.command, () => 'the arbiter was started already'],
  ERR_FORBIDDEN: [Errno.command, (why: string) => `not allowed: ${why}`],
  ERR_CONFIG_INVALID: [
    Errno.command,
    (report: string) => `the configuration is invalid, nothing was changed:\n${report}`,
  ],
  ERR_ENDPOINT_INVALID: [
    Errno.command,
    (option: string, endpoint: string, why: string) => `${option} = ${endpoint}: ${why}`,
  ],
  ERR_ENDPOINT_IN_USE: [
    Errno.command,
    (option: string, endpoint: string, by: string) => `${option} = ${endpoint}: ${by}`,
  ],
  ERR_ENDPOINT_INSECURE: [
    Errno.command,
    (option: string, endpoint: string) =>
      `${option} = ${endpoint}: anyone who can reach this address could run programs here. ` +
      'Use tcp://127.0.0.1:PORT or ipc://PATH, or auth = curve; or say allow_insecure = true in [circus] ' +
      '(or CIRCUS_ALLOW_INSECURE=1) when the network itself is trusted',
  ],
  ERR_ROLE_TOO_LOW: [
    Errno.command,
    (command: string, needed: string, who: string, has: string) =>
      `not allowed: ${command} takes the role ${needed}, and ${who} has ${has}`,
  ],
  ERR_KEY_UNKNOWN: [
    Errno.command,
    (who: string, list: string) => `not allowed: ${who} is not, or no longer, in ${list}`,
  ],
  ERR_KEY_FILE_INVALID: [
    Errno.command,
    (file: string, line: number, why: string) => `${file}${line > 0 ? `:${line}` : ''}: ${why}`,
  ],
  ERR_KEY_EXISTS: [Errno.command, (what: string) => `${what}: it is not replaced`],
  ERR_KEY_REFUSED: [
    Errno.notSpecified,
    (endpoint: string, why: string) => `refused by the daemon at ${endpoint}: ${why}`,
  ],
  ERR_KEY_WANTED: [
    Errno.notSpecified,
    (endpoint: string) =>
      `the daemon at ${endpoint} wants a key, and none was given. Say where yours is with --key or CIRCUS_KEY, ` +
      'or have one made on its machine: circusctl keys add NAME --role view',
  ],
  ERR_KEY_NOT_WANTED: [
    Errno.notSpecified,
    (endpoint: string) =>
      `the daemon at ${endpoint} does not use CURVE: with a key nothing is said in the clear. ` +
      'It needs auth = curve in [circus]; or say --key none',
  ],
  ERR_SERVER_KEY_WRONG: [
    Errno.notSpecified,
    (endpoint: string) =>
      `the daemon at ${endpoint} hung up at the beginning: it has another key than the one in your key file ` +
      '("server"), or somebody else answers there',
  ],
  ERR_PIDFILE_HELD: [
    Errno.command,
    (path: string, pid: number) => `pidfile ${path}: process ${pid} holds it and is alive`,
  ],
  ERR_PLATFORM_UNSUPPORTED: [
    Errno.os,
    (what: string, need: string) => `${what} is not possible here: it needs ${need}`,
  ],
  ERR_PLUGIN_UNKNOWN: [Errno.command, (name: string, tried: string) => `plugin ${name}: not found (${tried})`],
  ERR_PLUGIN_INVALID: [Errno.command, (name: string, why: string) => `plugin ${name}: ${why}`],
  ERR_PLUGIN_FAILED: [
    Errno.command,
    (name: string, what: string, why: string) => `plugin ${name}: ${what} failed: ${why}`,
  ],
  ERR_CALL_TIMEOUT: [
    Errno.notSpecified,
    (endpoint: string, ms: number) => `no answer from ${endpoint} within ${ms} ms`,
  ],
  ERR_CALL_ABORTED: [Errno.notSpecified, () => 'the call was aborted'],
  ERR_UNREACHABLE: [
    Errno.notSpecified,
    (endpoint: string, why: string) => `cannot reach a circusd at ${endpoint}: ${why}`,
  ],
  ERR_CLIENT_CLOSED: [Errno.notSpecified, () => 'the client is closed'],
  ERR_LISTEN_ELSEWHERE: [
    Errno.message,
    (endpoint: string) => `invalid message. use a pub/sub socket: events are published at ${endpoint}`,
  ],
  ERR_INTERNAL: [Errno.badData, (what: string) => `internal failure: ${what}`],
} as const satisfies Record<string, readonly [Errno, (...args: never[]) => string]>

type Catalogue = typeof catalogue
export type ErrorCode = keyof Catalogue

/** The only error the kernel throws on purpose. Match on `code`, not on the message. */
export class KernelError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'KernelError'
  readonly code: C
  /** The number the wire protocol gives this kind of error. */
  readonly errno: Errno
  /** What the process that failed wrote last; whoever knows adds it. */
  lines: readonly string[]

  constructor(
    code: C,
    args: Parameters<Catalogue[C][1]>,
    options: {
      readonly cause?: unknown
      readonly lines?: readonly string[]
      /** In place of the words that go with the code and `args`: an error that another process has thrown. */
      readonly message?: string
    } = {},
  ) {
    const [errno, format] = catalogue[code] as unknown as readonly [Errno, (...args: unknown[]) => string]
    super(options.message ?? format(...args), 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.lines = options.lines ?? []
    this.errno = errno
  }
}

/** An error that another process has thrown, by the code and the words it had there. */
export function relayedError(code: string | undefined, message: string): KernelError {
  const known = code !== undefined && Object.hasOwn(catalogue, code) ? (code as ErrorCode) : 'ERR_INTERNAL'
  return new KernelError(known, [] as never, { message })
}

/** What went wrong, in words, whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Every code with its number on the wire, for documentation and tests. */
export const errorCodes: readonly { code: ErrorCode; errno: Errno }[] = Object.entries(catalogue).map(
  ([code, [errno]]) => ({ code: code as ErrorCode, errno }),
)
