import { matchesGlob } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ReplyError } from '../../../core/client.ts'
import type { ControlCommand, Flags } from '../command.ts'
import type { Daemon } from '../daemon.ts'
import { exit } from '../failure.ts'
import { formatSeconds } from '../units.ts'

/** How often, in milliseconds, it is asked again though no event came: one may have been lost. */
const askMs = 1_000

const states = ['active', 'stopped'] as const
type State = (typeof states)[number]

interface Look {
  readonly statuses: Readonly<Record<string, string>>
  readonly reasons: Readonly<Record<string, string>>
}

export const wait: ControlCommand = {
  name: 'wait',
  summary: 'Wait until watchers are active, or stopped. Exit code 1 when they are not within --timeout.',
  args: [{ name: 'watcher', description: "watchers' names, or patterns", required: true }],
  variadicAfter: Number.POSITIVE_INFINITY,
  flags: { for: { type: 'text', options: states, description: 'the state to wait for', default: 'active' } },
  examples: ['wait web --for active --timeout 30', "wait web 'worker-*' --for stopped"],
  ownTimeout: true,
  async run({ daemon, json, output, interrupted }, names, flags) {
    const wanted = (flags.for ?? 'active') as State
    const deadline = deadlineOf(flags)
    // Subscribed first, asked then: nothing is missed in between.
    await using subscriber = await daemon.subscribe(['watcher.'])
    let wake = Promise.withResolvers<void>()
    const reading = (async () => {
      for await (const _ of subscriber) wake.resolve()
    })()
    reading.catch(() => {})
    const { withProgress } = await import('../progress.ts')
    const begun = performance.now()
    const known = new Set<string>()
    let look = await lookAt(daemon, names, known, wanted)
    const there = () => Object.values(look.statuses).every((status) => status === wanted)
    const detail = async () => `now: ${tell(look, wanted)}`
    await withProgress(`waiting for ${names.join(', ')} to be ${wanted}`, detail, async () => {
      while (!there() && performance.now() < deadline && !interrupted.aborted) {
        await Promise.race([wake.promise, sleepUntil(Math.min(deadline, performance.now() + askMs), interrupted)])
        wake = Promise.withResolvers()
        look = await lookAt(daemon, names, known, wanted)
      }
    })
    if (there()) {
      if (json) output.printJson({ status: 'ok', statuses: look.statuses })
      else
        output.print(
          Object.entries(look.statuses)
            .map(([name, status]) => `${name}: ${status}`)
            .join('\n'),
        )
      return exit.done
    }
    if (interrupted.aborted) return exit.interrupted
    const reason = `not ${wanted} within ${formatSeconds((performance.now() - begun) / 1_000)}: ${tell(look, wanted)}`
    if (json) output.printJson({ status: 'error', reason, statuses: look.statuses, reasons: look.reasons })
    else process.stderr.write(`circusctl wait: ${reason}\n`)
    return exit.unreachable
  },
}

function deadlineOf({ timeout }: Flags): number {
  return timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(timeout) * 1_000
}

/** The watchers that are meant, and their states. One that was removed meanwhile counts as stopped. */
async function lookAt(daemon: Daemon, names: readonly string[], known: Set<string>, wanted: State): Promise<Look> {
  const { statuses, reasons } = await daemon.call('status')
  const all = Object.entries(Object(statuses) as Record<string, string>)
  const found: Record<string, string> = {}
  for (const name of names) {
    const meant = all.filter(([watcher]) => matchesGlob(watcher.toLowerCase(), name.toLowerCase()))
    if (meant.length === 0 && ![...known].some((watcher) => matchesGlob(watcher.toLowerCase(), name.toLowerCase()))) {
      throw new ReplyError({ status: 'error', errno: 3, reason: `program ${name} not found` })
    }
    for (const [watcher, status] of meant) {
      known.add(watcher)
      found[watcher] = status
    }
  }
  for (const watcher of known) found[watcher] ??= wanted === 'stopped' ? 'stopped' : 'removed'
  return { statuses: found, reasons: Object(reasons) as Record<string, string> }
}

/** What keeps one waiting. */
function tell({ statuses, reasons }: Look, wanted: State): string {
  return Object.entries(statuses)
    .filter(([, status]) => status !== wanted)
    .map(([name, status]) => `${name} is ${status}${reasons[name] ? ` (${reasons[name]})` : ''}`)
    .join(', ')
}

async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, time - performance.now()), undefined, { signal }).catch(() => {})
}
