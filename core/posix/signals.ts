import { constants } from 'node:os'

/** Number of each signal by its name, `SIGRTMIN` and `SIGRTMAX` included where the platform has them. */
const numbers: Readonly<Record<string, number>> = {
  ...constants.signals,
  // glibc and musl keep the first real-time signals for themselves.
  ...(process.platform === 'linux' && { SIGRTMIN: 34, SIGRTMAX: 64, SIGCLD: constants.signals.SIGCHLD }),
}
const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))
const highest = process.platform === 'linux' ? 64 : 31

export const SIGHUP = constants.signals.SIGHUP
export const SIGKILL = constants.signals.SIGKILL
export const SIGSTOP = constants.signals.SIGSTOP

/**
 * The number of a signal written as `15`, `TERM`, `SIGTERM`, `sigterm`, or with an offset, `SIGRTMIN+1`.
 * `null` when there is no such signal.
 */
export function signalNumber(value: string | number): number | null {
  const text = String(value).trim().toUpperCase()
  const match = /^(?:(\d+)|(?:SIG)?([A-Z][A-Z0-9]*))(?:\s*([+-])\s*(\d+))?$/.exec(text)
  if (!match) return null
  const [, digits, word, sign, offset] = match
  const base = digits !== undefined ? Number(digits) : numbers[`SIG${word}`]
  if (base === undefined) return null
  const number = base + (sign === '-' ? -1 : 1) * Number(offset ?? 0)
  return number >= 1 && number <= highest ? number : null
}

/** The name of a signal: `SIGTERM`, or `signal 35` for those without one. */
export const signalName = (number: number): string => names.get(number) ?? `signal ${number}`
