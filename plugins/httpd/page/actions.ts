import { type Refusal, tell } from './client.ts'
import { counted, named } from './format.ts'
import { confirmed, type Question } from './parts/question.tsx'
import { say } from './parts/toasts.tsx'
import { watchers } from './store/store.ts'

export type Verb = 'start' | 'stop' | 'restart' | 'reload'

const words: Readonly<Record<Verb, { readonly title: string; readonly busy: string; readonly done: string }>> = {
  start: { title: 'Start', busy: 'Starting', done: 'Started' },
  stop: { title: 'Stop', busy: 'Stopping', done: 'Stopped' },
  restart: { title: 'Restart', busy: 'Restarting', done: 'Restarted' },
  reload: { title: 'Reload', busy: 'Reloading', done: 'Reloaded' },
}

export const titleOf = (verb: Verb): string => words[verb].title

/** Start, stop, restart or reload watchers; asks first when processes will end that nobody replaces in time. */
export async function act(verb: Verb, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const question = questionOf(verb, names)
  if (question && !(await confirmed(question))) return
  const { busy, done } = words[verb]
  await Promise.all(
    names.map((name) => doing(`${busy} ${name} …`, `${done} ${name}`, verb, { name, match: 'simple', waiting: true })),
  )
}

function questionOf(verb: Verb, names: readonly string[]): Question | undefined {
  if (verb !== 'stop' && verb !== 'restart') return undefined
  const alive = names.reduce((sum, name) => sum + (watchers.peek()[name]?.alive ?? 0), 0)
  if (alive === 0) return undefined
  const { title } = words[verb]
  const whom = names.length === 1 ? named(names) : counted(names.length, 'watcher')
  const [first] = names
  return {
    title: names.length === 1 ? `${title} ${first}?` : `${title} ${whom}?`,
    text:
      verb === 'stop'
        ? `This ends ${counted(alive, 'process', 'processes')} of ${whom}, and nothing takes their place.`
        : `This ends ${counted(alive, 'process', 'processes')} of ${whom} and starts new ones. Reload would replace them without a gap.`,
    names,
    confirm: names.length === 1 ? title : `${title} ${whom}`,
  }
}

/** Have one process more, or one less. */
export async function resize(name: string, by: 1 | -1): Promise<void> {
  const { wanted = 0 } = watchers.peek()[name] ?? {}
  if (by < 0) {
    const text = `“${name}” is to have ${counted(wanted - 1, 'process', 'processes')} then: one of ${wanted} ends.`
    if (!(await confirmed({ title: `One process less of ${name}?`, text, confirm: 'End one' }))) return
  }
  const to = counted(wanted + by, 'process', 'processes')
  await doing(`${name}: to ${to} …`, `${name} has ${to}`, by > 0 ? 'incr' : 'decr', { name, nb: 1, waiting: true })
}

/** Send a signal to a process of a watcher, or end it. */
export async function signalProcess(name: string, pid: number, signum: string): Promise<void> {
  const title = signum === 'kill' ? `End process ${pid}?` : `Send ${signum} to process ${pid}?`
  const respawn = `“${name}” replaces it when it ends, unless it is told not to.`
  const text =
    signum === 'kill'
      ? `Process ${pid} of “${name}” gets the stop signal, and SIGKILL when it takes too long. ${respawn}`
      : `Process ${pid} of “${name}” gets ${signum}. ${respawn}`
  const confirm = signum === 'kill' ? 'End it' : `Send ${signum}`
  if (!(await confirmed({ title, text, confirm }))) return
  if (signum === 'kill') await doing(`Ending ${pid} …`, `Ended ${pid}`, 'kill', { name, pid, waiting: true })
  else await doing(`${signum} to ${pid} …`, `Sent ${signum} to ${pid}`, 'signal', { name, pid, signum })
}

/** Have a command done, and say how it went. Returns whether it went well. */
export async function doing(
  busy: string,
  done: string,
  command: string,
  properties: Readonly<Record<string, unknown>> = {},
): Promise<boolean> {
  const said = say('busy', busy)
  try {
    await tell(command, properties)
    say('done', done, [], said)
    return true
  } catch (error) {
    const { message, lines = [] } = error as Refusal
    say('failed', `${busy.replace(/ …$/, '')}: ${message}`, lines, said)
    return false
  }
}
