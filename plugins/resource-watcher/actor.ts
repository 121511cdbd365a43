import type { Circus } from '../../core/plugin.ts'
import type { Statsd } from '../lib/statsd.ts'
import type { Figures } from './findings.ts'
import type { Limits } from './options.ts'
import type { Passed } from './streaks.ts'

/** Who is held to the limits. */
export interface Subject {
  readonly key: string
  readonly processes: readonly Figures[]
  /** The process of the watcher whose child this is. */
  readonly parent?: number
}

/** The command that does it, and what the log says. */
interface Deed {
  readonly words: string
  /** The last word of the counter. */
  readonly counter: string
  readonly command?: readonly [name: string, properties: object]
}

/** The event that is published. */
const EVENT = 'resource_limit'

/** Does what is to be done about watchers that passed a limit: tells it, publishes it, has the daemon act. */
export class Actor {
  readonly #circus: Circus
  readonly #statsd: Statsd

  constructor(circus: Circus, statsd: Statsd) {
    this.#circus = circus
    this.#statsd = statsd
  }

  /** Never rejects. */
  async act(watcher: string, limits: Limits, { parent }: Subject, { finding, times, again }: Passed): Promise<void> {
    const { pid, option, limit, value, kind } = finding
    const who = parent === undefined ? `process ${pid}` : `child ${pid} of process ${parent}`
    const what = `${who} ${finding.words}, ${times} ${times === 1 ? 'look' : 'looks in a row'}`
    const deed = deedOf(limits, { watcher, pid, parent, reason: `resource-watcher: ${what}` })
    // Where nothing is done it goes on and on, and is told once.
    this.#circus.log[again && !deed.command ? 'debug' : 'warning'](`${watcher}: ${what}; ${deed.words}`)
    this.#statsd.count(`_resource_watcher.${watcher}.${deed.counter}`)
    const action = parent === undefined ? limits.action.id : 'signal'
    const process = { process_pid: parent ?? pid, ...(parent !== undefined && { child_pid: pid }) }
    this.#circus.publish(watcher, EVENT, { kind, option, limit, value, times, ...process, action, reason: what })
    if (!deed.command) return
    try {
      await this.#circus.call(...deed.command)
    } catch (error) {
      // Also when it was removed, or the process has ended, meanwhile.
      this.#circus.log.warning(`${watcher}: that was not done: ${(error as Error).message}`)
    }
  }
}

/** Whom it concerns, and why. */
interface Case {
  readonly watcher: string
  readonly pid: number
  readonly parent: number | undefined
  readonly reason: string
}

function deedOf({ action, child_signal }: Limits, { watcher, pid, parent, reason }: Case): Deed {
  const name = watcher
  if (parent !== undefined) {
    const command = ['signal', { name, pid: parent, childpid: pid, signum: child_signal }] as const
    return { words: `the child gets signal ${child_signal}`, counter: 'restarting', command }
  }
  const whole = { name, match: 'simple', reason }
  switch (action.id) {
    case 'restart':
      return { words: 'it is restarted', counter: 'restarting', command: ['restart', whole] }
    case 'reload':
      return { words: 'it is reloaded', counter: 'restarting', command: ['reload', whole] }
    case 'stop':
      return { words: 'it is stopped', counter: 'stopping', command: ['stop', whole] }
    case 'restart_process':
      return { words: 'the process is replaced', counter: 'restarting', command: ['kill', { name, pid }] }
    case 'signal': {
      const words = `the process gets signal ${action.name}`
      return { words, counter: 'signalling', command: ['signal', { name, pid, signum: action.signum }] }
    }
    case 'event':
      return { words: 'an event is published', counter: 'event' }
    default:
      return action satisfies never
  }
}
