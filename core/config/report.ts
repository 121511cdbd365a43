import { inspect } from 'node:util'
import { KernelError } from '../errors.ts'
import type { Diagnostic, Origin } from './types.ts'

/** A configuration that cannot be used: all that is wrong with it at once, each with file and line. */
export class ConfigError extends KernelError<'ERR_CONFIG_INVALID'> {
  readonly errors: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]

  constructor(errors: readonly Diagnostic[], warnings: readonly Diagnostic[] = [], options?: { cause: unknown }) {
    super('ERR_CONFIG_INVALID', [errors.map(formatDiagnostic).join('\n')], options)
    this.errors = errors
    this.warnings = warnings
  }
}

/** `file:line: message`, as compilers write it; without `:line` for a remark about the whole file. */
export function formatDiagnostic({ file, line, message }: Diagnostic): string {
  return `${file}${line > 0 ? `:${line}` : ''}: ${message}`
}

/** Collects the remarks about one configuration while it is read. */
export class Report {
  readonly #errors: Diagnostic[] = []
  readonly #warnings: Diagnostic[] = []
  readonly #file: string

  /** `file` is the main one: what is said about it comes first. */
  constructor(file: string) {
    this.#file = file
  }

  error({ file, line }: Origin, message: string): void {
    this.#errors.push({ message, file, line })
  }

  warn({ file, line }: Origin, message: string): void {
    this.#warnings.push({ message, file, line })
  }

  /** Every error, file by file from top to bottom. */
  get errors(): Diagnostic[] {
    return fromTopToBottom(this.#file, this.#errors)
  }

  /** Every warning, file by file from top to bottom. */
  get warnings(): Diagnostic[] {
    return fromTopToBottom(this.#file, this.#warnings)
  }

  /** Throws a `ConfigError` with everything collected when any of it is an error. */
  throwErrors(): void {
    if (this.#errors.length > 0) throw new ConfigError(this.errors, this.warnings)
  }
}

function fromTopToBottom(main: string, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set([main, ...diagnostics.map(({ file }) => file)])]
  return diagnostics.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line)
}

/** Any value as text: itself, or as JSON where it can be, or as a person would be shown it. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return inspect(value, { depth: 0 })
  }
}

/** A value for a message: on one line, and never longer than a line of a terminal. */
export function excerpt(value: unknown): string {
  const line = asText(value).replace(/\s*[\r\n]+\s*/g, ' ⏎ ')
  return line.length > 120 ? `${line.slice(0, 117)}…` : line
}
