import { signalNumber } from '../posix/signals.ts'

/** How one kind of value is read: from the text of an ini file, or from JSON and the library. */
export interface Kind<T> {
  /** What to write, to follow "must be". */
  readonly expected: string
  /** What the original says of a value that is not of this kind, to follow the name of the option. */
  readonly said?: string
  /** The value, or `undefined` when `raw` is not of this kind. */
  read(raw: unknown): T | undefined
}

const truth = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
])

export const boolean: Kind<boolean> = {
  expected: 'true, yes, on or 1, or false, no, off or 0',
  said: "isn't a valid boolean",
  read: (raw) => (isScalar(raw) ? truth.get(String(raw).trim().toLowerCase()) : undefined),
}

/** Any text the system can take; numbers and booleans of a typed configuration become text. */
export const text: Kind<string> = {
  expected: 'text without NUL bytes',
  read: (raw) => (isScalar(raw) && !String(raw).includes('\0') ? String(raw) : undefined),
}

export function integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Kind<number> {
  return {
    expected: `a whole number${bounds(min, max)}`,
    said: "isn't an integer",
    read: (raw) => within(typeof raw === 'string' ? decimal(raw, /^[+-]?\d+(_\d+)*$/) : raw, min, max, true),
  }
}

/** Seconds, with or without a fraction. */
export function seconds(min = 0): Kind<number> {
  return {
    expected: `a number of seconds${bounds(min, Number.MAX_SAFE_INTEGER)}`,
    said: "isn't a number",
    read: (raw) => {
      const number = typeof raw === 'string' ? decimal(raw, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i) : raw
      return within(number, min, Number.MAX_SAFE_INTEGER, false)
    },
  }
}

/** A file mode in octal text; a number of a typed configuration is taken as it is. */
export const octal: Kind<number> = {
  expected: 'an octal number like 022',
  read: (raw) => {
    if (typeof raw !== 'string') return within(raw, 0, 0o7777, true)
    const digits = /^(?:0o)?([0-7]{1,5})$/i.exec(raw.trim())
    return digits ? within(Number.parseInt(digits[1]!, 8), 0, 0o7777, true) : undefined
  },
}

/** A user or group: its number, or its name. Whether it exists is the machine's affair. */
export const account: Kind<string | number> = {
  expected: 'a name or a number, 0 or more',
  said: "isn't an integer or string",
  read: (raw) => {
    if (typeof raw !== 'string') return within(raw, 0, 0xfffffffe, true)
    const name = raw.trim()
    if (/^[+-]?\d+$/.test(name)) return within(Number(name), 0, 0xfffffffe, true)
    return name === '' || /[\s:\0]/.test(name) ? undefined : name
  },
}

/** Text that is split later, or a list whose elements are not. */
export const words: Kind<string | readonly string[]> = {
  expected: 'text, or a list of texts, without NUL bytes',
  read: (raw) => {
    if (!Array.isArray(raw)) return text.read(raw)
    const read = raw.map(text.read)
    return read.includes(undefined) ? undefined : (read as string[])
  },
}

/** Names, apart by commas or blanks, or a list of them; in lower case. */
export const names: Kind<readonly string[]> = {
  expected: 'names, separated by commas',
  read: (raw) => {
    const list = typeof raw === 'string' ? raw.split(/[\s,]+/).filter(Boolean) : raw
    return Array.isArray(list) && list.every((name) => typeof name === 'string' && name !== '')
      ? list.map((name: string) => name.toLowerCase())
      : undefined
  },
}

export const signal: Kind<number> = {
  expected: 'a signal like TERM, SIGTERM, 15 or SIGRTMIN+1',
  said: "isn't an integer",
  read: (raw) => (typeof raw === 'string' || typeof raw === 'number' ? (signalNumber(raw) ?? undefined) : undefined),
}

/** One of a few words, in any case; the word as it stands in `choices`. */
export function oneOf<T extends string>(...choices: readonly T[]): Kind<T> {
  return {
    expected: `one of ${choices.join(', ')}`,
    read: (raw) => choices.find((choice) => choice.toLowerCase() === String(raw).trim().toLowerCase()),
  }
}

/** A ZeroMQ endpoint. */
export const endpoint: Kind<string> = {
  expected: 'an endpoint: tcp://HOST:PORT, ipc://PATH or inproc://NAME',
  read: (raw) => {
    const value = String(raw).trim()
    return /^(tcp:\/\/(\S+;)?\S+:(\d{1,5}|\*)|(ipc|inproc):\/\/\S.*)$/.test(value) ? value : undefined
  },
}

/** A UDP multicast address. */
export const multicast: Kind<string> = {
  expected: 'udp://ADDRESS:PORT with an address from 224.0.0.0 to 239.255.255.255',
  read: (raw) => {
    const value = String(raw).trim()
    const [, first] = /^udp:\/\/(\d{1,3})(?:\.\d{1,3}){3}:\d{1,5}$/.exec(value) ?? []
    return Number(first) >= 224 && Number(first) <= 239 ? value : undefined
  },
}

/** `kind`, or nothing: an empty text is `null`. */
export function optional<T>(kind: Kind<T>): Kind<T | null> {
  return {
    expected: `${kind.expected}, or empty`,
    said: kind.said,
    read: (raw) => (raw === null || (typeof raw === 'string' && raw.trim() === '') ? null : kind.read(raw)),
  }
}

function isScalar(raw: unknown): raw is string | number | boolean {
  return typeof raw === 'string' || typeof raw === 'boolean' || (typeof raw === 'number' && Number.isFinite(raw))
}

function decimal(raw: string, pattern: RegExp): number | undefined {
  const digits = raw.trim()
  return pattern.test(digits) ? Number(digits.replaceAll('_', '')) : undefined
}

function within(number: unknown, min: number, max: number, whole: boolean): number | undefined {
  if (typeof number !== 'number' || !Number.isFinite(number) || number < min || number > max) return undefined
  if (whole && !Number.isInteger(number)) return undefined
  return number + 0
}

function bounds(min: number, max: number): string {
  const lower = min > Number.MIN_SAFE_INTEGER
  const upper = max < Number.MAX_SAFE_INTEGER
  if (lower && upper) return ` from ${min} to ${max}`
  return lower ? `, ${min} or more` : upper ? `, at most ${max}` : ''
}
