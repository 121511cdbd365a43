import { constants } from 'node:os'
import type { PublishedEvent } from '../../core/client.ts'
import type { Style } from './output.ts'

/** An event as a line for people has it. */
export interface EventLine {
  /** Local time: `12:00:01.123`. */
  readonly time: string
  /** The watcher, or `plugin NAME`. */
  readonly source: string
  readonly text: string
  readonly style: Style | undefined
}

/** Puts events into words. It remembers which processes were being stopped, so that an end nobody asked for stands out. */
export class EventTeller {
  /** By watcher and pid; an entry goes with the process's end. */
  readonly #stopped = new Set<string>()

  tell({ topic, watcher, event, payload, time }: PublishedEvent): EventLine {
    const isPlugin = topic.startsWith('plugin.')
    const [text, style] = isPlugin ? tellPlugin(event, payload) : this.#tellWatcher(watcher, event, payload)
    const source = topic.startsWith('watcher.')
      ? watcher
      : isPlugin
        ? `plugin ${watcher}`
        : topic.slice(0, -event.length - 1)
    return { time: localTime(time), source, text, style }
  }

  #tellWatcher(watcher: string, event: string, payload: PublishedEvent['payload']): [string, Style?] {
    const pid = payload.process_pid
    const process = `process ${pid}`
    switch (event) {
      case 'spawn':
        return [`${process} started`, 'green']
      case 'kill':
        this.#stopped.add(`${watcher} ${pid}`)
        return [`${process} was told to stop`]
      case 'reap': {
        const isExpected = this.#stopped.delete(`${watcher} ${pid}`)
        return [
          `${process} ended: ${endOf(payload.exit_code)}`,
          isExpected || payload.exit_code === 0 ? undefined : 'red',
        ]
      }
      case 'start':
        return ['started', ['bold', 'green']]
      case 'stop':
        return ['stopped', 'bold']
      case 'reload':
        return ['reloaded', 'bold']
      case 'reload_failed':
        return [`reload failed: ${payload.reason}`, 'red']
      case 'updated':
        return ['options changed']
      case 'add':
        return ['added', 'bold']
      case 'remove':
        return ['removed', 'bold']
      case 'hook_success':
        return [`hook ${payload.name} succeeded`, 'dim']
      case 'hook_failure':
        return [`hook ${payload.name} failed: ${payload.error}`, 'red']
      default:
        return [unknown(event, payload)]
    }
  }
}

function tellPlugin(event: string, payload: PublishedEvent['payload']): [string, Style?] {
  return event === 'failure' ? [`failed in ${payload.what}: ${payload.error}`, 'red'] : [unknown(event, payload)]
}

/** An event that we do not know, with all that it carries. */
function unknown(event: string, { time: _, ...fields }: PublishedEvent['payload']): string {
  return [event, ...Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join(' ')
}

function endOf(code: unknown): string {
  if (typeof code !== 'number') return 'nobody can tell how'
  if (code >= 0) return code === 0 ? 'done (exit code 0)' : `exit code ${code}`
  const name = Object.entries(constants.signals).find(([, number]) => number === -code)?.[0]
  return `killed by ${name ?? `signal ${-code}`}`
}

function localTime(seconds: number): string {
  const date = new Date(seconds * 1_000)
  const [hours, minutes, rest] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits)
  return `${hours}:${minutes}:${rest}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

const twoDigits = (number: number) => String(number).padStart(2, '0')
