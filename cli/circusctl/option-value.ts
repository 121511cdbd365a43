import { constants } from 'node:os'

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
}

/** The options an original daemon takes only as a number or boolean; it takes the rest as text, and this one all. */
const numberOptions = new Set([
  'numprocesses',
  'warmup_delay',
  'max_retry',
  'graceful_timeout',
  'max_age',
  'max_age_variance',
  'retry_in',
])
const booleanOptions = new Set([
  'send_hup',
  'shell',
  'copy_env',
  'respawn',
  'stop_children',
  'singleton',
  'close_child_stdin',
  'close_child_stdout',
  'close_child_stderr',
  'use_papa',
])
const numberPattern = /^(rlimit_.+|(stdout|stderr)_stream\.(max_bytes|backup_count))$/

/** A value of `set` as it goes over the wire. What does not fit goes as it is: the daemon knows what is wrong with it. */
export function optionValue(option: string, text: string): unknown {
  if (numberOptions.has(option) || numberPattern.test(option)) return asNumber(text)
  if (option === 'stop_signal') return signalNumber(text) ?? asNumber(text)
  if (booleanOptions.has(option)) return booleans[text.toLowerCase()] ?? text
  if (option === 'env') return pairs(text, '=') ?? text
  if (option === 'hooks') return pairs(text, ':') ?? text
  if (option === 'stdout_stream' || option === 'stderr_stream') return streamOptions(text)
  return text
}

function signalNumber(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  return Object.entries(constants.signals).find(([signal]) => signal === name)?.[1]
}

/** The number a text is, or the text. */
export function asNumber(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

/** All options of a stream, `A=1,B=2` or as JSON; an empty text takes them away. */
function streamOptions(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return pairs(text, '=') ?? text
  }
}

/** `A=1,B=2`, as the original writes it. */
function pairs(text: string, delimiter: string): Record<string, string> | undefined {
  const entries = text.split(',').map((pair) => {
    const at = pair.indexOf(delimiter)
    return [pair.slice(0, at), pair.slice(at + 1), at] as const
  })
  if (entries.some(([, , at]) => at <= 0)) return undefined
  return Object.fromEntries(entries.map(([name, value]) => [name, value]))
}
