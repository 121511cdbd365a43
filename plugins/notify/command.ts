import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { splitCommand } from '../../core/plugin.ts'
import { Undelivered } from './delivery.ts'
import type { Message } from './message.ts'
import type { Target } from './outbox.ts'
import { plain, type Template } from './template.ts'

/** What is to be run. */
export interface CommandOptions {
  readonly command: string
  /** By /bin/sh, in place of by itself. */
  readonly shell: boolean
  readonly template: Template
  /** Where it works. */
  readonly folder: string
}

/** So much of what a command says about its failure is in the log, in characters. */
const SAID = 300
/** What is still in its pipes at its end is waited for so long, in milliseconds. */
const LAST_WORDS_MS = 200

/**
 * Runs a command for each message, which finds it as JSON on its standard input and as `CIRCUS_…` in its environment. It has
 * failed unless it ends with status 0; when it takes too long it is killed, with all it has started.
 */
export function commandTarget({ command, shell, template, folder }: CommandOptions): Target {
  const [program, ...args] = shell ? ['/bin/sh', '-c', command] : splitCommand(command)
  return {
    name: shell ? 'the command' : `the command ${basename(program!)}`,
    async deliver(message, signal) {
      signal.throwIfAborted()
      const text = template(message, plain)
      const child = spawn(program!, args, {
        cwd: folder,
        env: { ...withoutAssignment(process.env), ...variables(message, text) },
        stdio: ['pipe', 'ignore', 'pipe'],
        detached: true,
      })
      const kill = () => killGroup(child)
      signal.addEventListener('abort', kill, { once: true })
      try {
        const said = beginning(child)
        const closed = once(child, 'close').catch(() => {})
        // Whether it reads that is its own affair.
        child.stdin?.on('error', () => {}).end(JSON.stringify({ text, ...message }))
        const [status, signame] = await ended(child)
        signal.throwIfAborted()
        if (status === 0) return
        // What it said last may still be on its way.
        await Promise.race([closed, sleep(LAST_WORDS_MS)])
        const words = said().trim()
        throw new Undelivered(`${howItEnded(status, signame)}${words && `: ${words}`}`, true)
      } finally {
        signal.removeEventListener('abort', kill)
        // Something it left behind may keep the pipes open.
        child.stdin?.destroy()
        child.stderr?.destroy()
      }
    },
  }
}

async function ended(child: ChildProcess): Promise<[status: number | null, signal: string | null]> {
  try {
    return (await once(child, 'exit')) as [number | null, string | null]
  } catch (error) {
    throw new Undelivered(`cannot be run: ${(error as Error).message}`, false)
  }
}

const howItEnded = (status: number | null, signal: string | null): string =>
  status === null ? `was killed by ${signal}` : `ended with status ${status}`

/** What it says at first; the rest is read, and dropped. */
function beginning({ stderr }: ChildProcess): () => string {
  let text = ''
  stderr?.setEncoding('utf8').on('data', (piece: string) => {
    if (text.length < SAID) text = (text + piece).slice(0, SAID)
  })
  return () => text
}

/** Of an isolated plugin: it holds keys and passwords. */
function withoutAssignment({ CIRCUS_PLUGIN: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env
}

function variables({ lines, ...message }: Message, text: string): Record<string, string> {
  const all = { ...message, text, lines: lines.join('\n') }
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [
      `CIRCUS_${name.toUpperCase()}`,
      // The kernel takes no such character there.
      String(value ?? '').replaceAll('\0', ''),
    ]),
  )
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
