import type { LogLevel } from '../config/types.ts'

/** One record. */
export interface Entry {
  readonly time: Date
  readonly level: LogLevel
  readonly name: string
  /** Control characters are escaped in it, all but the newline. */
  readonly text: string
}

/** Where records go. None of its methods throws. */
export interface Output {
  write(entry: Entry): void
  reopen(): void
  close(): void
}

/** The line, or lines, of a record in a file: only a record's first line begins in the first column. */
export function formatEntry({ time, level, name, text }: Entry): string {
  return `${timestamp(time)} ${name}[${process.pid}] [${level.toUpperCase()}] ${text.replaceAll('\n', '\n    ')}\n`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const control = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/** Make a text harmless for terminals and for whoever reads line by line: a log shows what strangers sent. */
export function escapeControl(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(control, escaped)
}

/** ` key=value` for each field, in JSON where a bare word would not do. */
export function formatFields(fields: object): string {
  let text = ''
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) text += ` ${key}=${formatValue(value)}`
  return text
}

function formatValue(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value
  if (value instanceof Error) return JSON.stringify(value.message)
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}

function escaped(character: string): string {
  if (character === '\t') return '\\t'
  if (character === '\r') return '\\r'
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
}

function timestamp(time: Date): string {
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number)
}
