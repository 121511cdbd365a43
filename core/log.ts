import type { LogLevel } from './config/types.ts'
import { KernelError } from './errors.ts'
import { escapeControl, formatFields } from './log/entry.ts'
import { openOutput } from './log/output.ts'
import { maskSecrets } from './secrets.ts'

/** Where the daemon tells what it does. No call ever throws or waits for anything but the local disk. */
export interface Log {
  /** Records below it are dropped. Shared with the children and the parent. */
  level: LogLevel
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warning(message: string, fields?: object): void
  error(message: string, fields?: object): void
  critical(message: string, fields?: object): void
  /** Tell a secret that people are to find here: it is not masked, and told whatever the level is. */
  disclose(message: string): void
  /** A log to the same output whose records begin with `name: `. */
  child(name: string): Log
  /** Open the file anew, as after SIGHUP; nothing for other outputs. */
  reopen(): void
  /** Release the output. What is logged afterwards is dropped. */
  close(): void
}

export interface LogOptions {
  /** @default 'info' */
  readonly level?: LogLevel
  /** `-` for stderr, a file, `syslog://HOST:PORT?FACILITY` or `syslog:///PATH?FACILITY`. @default '-' */
  readonly output?: string
  /** What the records are of. @default 'circusd' */
  readonly name?: string
}

/** By rising weight. */
export const logLevels = ['debug', 'info', 'warning', 'error', 'critical'] as const satisfies readonly LogLevel[]

/**
 * A log with one line per record: `2026-11-23 12:00:00,123 circusd[4711] [INFO] message key=value`. A file that
 * cannot be written, now or later, is made known on stderr, where the records then go.
 *
 * @throws ERR_OPTION_INVALID for an unknown level or an output that means nothing.
 */
export function createLogger({ level = 'info', output = '-', name = 'circusd' }: LogOptions = {}): Log {
  const shared = { weight: weightOf(level), output: openOutput(output), name }
  return new Logger(shared, '')
}

interface Shared {
  weight: number
  readonly output: ReturnType<typeof openOutput>
  readonly name: string
}

class Logger implements Log {
  readonly #shared: Shared
  readonly #prefix: string

  constructor(shared: Shared, prefix: string) {
    this.#shared = shared
    this.#prefix = prefix
  }

  get level(): LogLevel {
    return logLevels[this.#shared.weight]!
  }

  set level(level: LogLevel) {
    this.#shared.weight = weightOf(level)
  }

  debug(message: string, fields?: object): void {
    this.#write(0, message, fields)
  }

  info(message: string, fields?: object): void {
    this.#write(1, message, fields)
  }

  warning(message: string, fields?: object): void {
    this.#write(2, message, fields)
  }

  error(message: string, fields?: object): void {
    this.#write(3, message, fields)
  }

  critical(message: string, fields?: object): void {
    this.#write(4, message, fields)
  }

  disclose(message: string): void {
    const { output, name } = this.#shared
    output.write({ time: new Date(), level: 'info', name, text: escapeControl(`${this.#prefix}${message}`) })
  }

  child(name: string): Log {
    return new Logger(this.#shared, `${this.#prefix}${name}: `)
  }

  reopen(): void {
    this.#shared.output.reopen()
  }

  close(): void {
    this.#shared.output.close()
  }

  #write(weight: number, message: string, fields: object | undefined): void {
    const { weight: least, output, name } = this.#shared
    if (weight < least) return
    const text = escapeControl(maskSecrets(`${this.#prefix}${message}${fields ? formatFields(fields) : ''}`))
    output.write({ time: new Date(), level: logLevels[weight]!, name, text })
  }
}

function weightOf(level: LogLevel): number {
  const weight = logLevels.indexOf(level)
  if (weight < 0) throw new KernelError('ERR_OPTION_INVALID', ['loglevel', `one of ${logLevels.join(', ')}`, level])
  return weight
}
