import { hostname } from 'node:os'
import type { OtherFailure, PluginEvent } from '../../core/plugin.ts'
import type { ProcessExit } from '../lib/exits.ts'

/** Something that has happened, in words and fields. */
export interface Occurrence {
  /** What it is called, the most telling name first: one of them is asked for, or nobody is told. */
  readonly kinds: readonly [string, ...string[]]
  readonly watcher: string
  /** Unix seconds. */
  readonly time: number
  /** In a few words, without the watcher. */
  readonly summary: string
  readonly reason: string
  readonly pid?: number
  readonly exitCode?: number
  readonly signal?: string
  /** What was written last; absent where it has to be asked for. */
  readonly lines?: readonly string[]
}

/** Longer texts of events are cut. */
const LONGEST = 2000

export const host = hostname()

/** A process has ended. */
export function fromExit({ watcher, time, pid, code, signal, expected }: ProcessExit): Occurrence {
  const isFailure = !expected && (signal !== null || (code !== null && code !== 0))
  const how = signal === null ? `ended with status ${code ?? 'unknown'}` : `was killed by ${signal}`
  return {
    kinds: isFailure ? ['exit_failure', 'reap'] : ['reap'],
    watcher,
    time,
    summary: `process ${pid} ${how}`,
    reason: how,
    pid,
    ...(code !== null && { exitCode: code }),
    ...(signal !== null && { signal }),
  }
}

/** Any other event. */
export function fromEvent(event: PluginEvent): Occurrence {
  const { watcher, time, event: name, payload } = event
  const pid = Number(payload['process_pid'])
  const reason = text(payload['reason'] ?? payload['error'])
  const { kinds, what } = naming(name, reason, payload)
  return {
    kinds,
    watcher,
    time,
    summary: reason === '' ? what : `${what}: ${reason}`,
    reason,
    ...(pid > 0 && { pid }),
    lines: Array.isArray(payload['lines']) ? payload['lines'].map(text) : [],
  }
}

/** Another plugin has failed. */
export function fromFailure({ plugin, what, error }: OtherFailure): Occurrence {
  const reason = `${text(what)} failed: ${text(error)}`
  const time = Date.now() / 1000
  return { kinds: ['plugin_failure'], watcher: `plugin:${plugin}`, time, summary: reason, reason, lines: [] }
}

function naming(
  name: string,
  reason: string,
  payload: PluginEvent['payload'],
): { readonly kinds: Occurrence['kinds']; readonly what: string } {
  switch (name) {
    case 'stop':
      // Only what nobody asked for has one.
      if (reason === '') return { kinds: ['stop'], what: 'stopped' }
      if (!reason.startsWith('flapping:')) return { kinds: ['unasked_stop', 'stop'], what: 'stopped' }
      return { kinds: ['flapping', 'unasked_stop', 'stop'], what: 'stopped' }
    case 'output_failed':
    case 'output_resumed':
    case 'hook_failure':
      return { kinds: [name], what: `${name.replace('_', ' ')} (${text(payload['stream'] ?? payload['name'])})` }
    default:
      return { kinds: [name], what: name.replaceAll('_', ' ') }
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '').slice(0, LONGEST)
