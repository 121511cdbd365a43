import type { Reply } from '../circusctl/command.ts'
import type { Snapshot } from './board.ts'
import type { Row, Target } from './rows.ts'

/** What is to be done to whom, ready to be asked about and sent. */
export interface Action {
  /** What it will hit, as a question. */
  readonly question: string
  /** What is going on, once it was sent. */
  readonly title: string
  readonly command: string
  readonly properties: Readonly<Record<string, unknown>>
  /** Just whom it is to hit, where that is processes and not a watcher, whichever it has. */
  readonly aim?: Target
  /** What came of it. @default that it is done */
  readonly tell?: (reply: Reply) => string
}

/** The actions that a key asks for; signals are asked for with their name. */
export type ActionName = 'start' | 'stop' | 'restart' | 'reload' | 'incr' | 'decr'

/** The action on a row, or why there is none. */
export function actionOn(row: Row | undefined, name: ActionName): Action | string {
  const target = row?.target
  if (!target) return refusal(row)
  const { watcher, pids, pid, childPid } = target
  const now = pids === undefined ? '' : ` (${pids.length} now)`
  switch (name) {
    case 'start':
      return waited(name, watcher, `start ${watcher}${target.status ? ` (now ${target.status})` : ''}?`)
    case 'stop':
      return waited(name, watcher, `stop ${watcher}: ${processes(pids)}?`)
    case 'restart':
      if (childPid !== undefined) return 'a child of a process cannot be restarted: restart the process above it'
      return pid === undefined
        ? waited(name, watcher, `restart ${watcher}: stop ${processes(pids)}, and start anew?`)
        : replaceOne(target, pid)
    case 'reload':
      return waited(name, watcher, `reload ${watcher}: replace ${processes(pids)} gracefully?`)
    case 'incr':
      return resize(name, watcher, `add a process to ${watcher}${now}?`)
    case 'decr':
      return resize(name, watcher, `take a process from ${watcher}${now}?`)
  }
}

/** The signal to whatever a row shows, or why there is none to be sent. */
export function signalTo(row: Row | undefined, signum: string): Action | string {
  const target = row?.target
  if (!target) return refusal(row)
  const { watcher, pid, childPid } = target
  const whom = whomOf(target)
  return {
    question: `send ${signum} to ${whom}?`,
    title: `${signum} to ${whom}`,
    command: 'signal',
    aim: target,
    properties: {
      name: watcher,
      signum: /^\d+$/.test(signum) ? Number(signum) : signum,
      ...(pid !== undefined && { pid }),
      ...(childPid !== undefined && { childpid: childPid }),
    },
  }
}

/** Why an action would no longer hit just whom it names: processes end, and others come, while one is asked. */
export function missed({ aim }: Action, { watchers }: Snapshot): string | undefined {
  if (aim?.pids === undefined) return undefined
  const { watcher, pid, pids } = aim
  const now = watchers.find(({ name }) => name === watcher)?.processes.map((process) => process.pid) ?? []
  if (pid !== undefined)
    return now.includes(pid) ? undefined : `process ${pid} of ${watcher} has ended: nothing was done`
  return now.every((one) => pids.includes(one)) ? undefined : `${watcher} has other processes now: nothing was done`
}

/** Whom a signal to a row hits. */
export function whomOf({ watcher, pids, pid, childPid }: Target): string {
  if (childPid !== undefined) return `${childPid}, a child of ${pid} of ${watcher}`
  if (pid !== undefined) return `process ${pid} of ${watcher}`
  return `${processes(pids, 'the')} of ${watcher}`
}

function refusal(row: Row | undefined): string {
  switch (row?.kind) {
    case 'helper':
      return `${row.label} is the daemon's own: circusctl quit ends the daemon`
    case 'socket':
      return 'nothing can be done to a socket here'
    case 'child':
      return 'the daemon signals the children of its processes, but not theirs'
    default:
      return 'no watcher is selected'
  }
}

function waited(command: ActionName, name: string, question: string): Action {
  const tell = ({ info }: Reply) => `${command} ${name}: ${['done', ...counts(info)].join(', ')}`
  // A name may look like a pattern.
  const match = command === 'reload' ? {} : { match: 'simple' }
  return { question, title: `${command} ${name}`, command, properties: { name, waiting: true, ...match }, tell }
}

function replaceOne(aim: Target, pid: number): Action {
  const { watcher: name } = aim
  return {
    aim,
    question: `restart process ${pid} of ${name}: stop it, and another takes its place?`,
    title: `restart process ${pid} of ${name}`,
    command: 'kill',
    properties: { name, pid, waiting: true },
  }
}

function resize(command: string, name: string, question: string): Action {
  const tell = ({ singleton, numprocesses }: Reply) =>
    singleton ? `${name} is a singleton: it keeps its one process` : `${name}: ${numprocesses} processes`
  return { question, title: `${command} ${name}`, command, properties: { name, waiting: true }, tell }
}

/** `started: [4711]` as `1 started`. */
function counts(info: unknown): string[] {
  return Object.entries(Object(info))
    .filter(([, pids]) => Array.isArray(pids) && pids.length > 0)
    .map(([what, pids]) => `${(pids as unknown[]).length} ${what}`)
}

const mostPids = 8

function processes(pids: readonly number[] | undefined, article = 'its'): string {
  if (pids === undefined) return `all ${article} processes`
  if (pids.length === 0) return 'no process'
  if (pids.length === 1) return `${article} process ${pids[0]}`
  const named = pids.slice(0, mostPids).join(', ')
  const rest = pids.length > mostPids ? ' and more' : ''
  return `${article} ${pids.length} processes (${named}${rest})`
}
