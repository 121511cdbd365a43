import { connectionFlagsOf } from '../bare-line.ts'
import { quoted, readTyped, type TypedLine } from '../console/words.ts'
import { Daemon } from '../daemon.ts'
import { addressesOf } from '../perform.ts'
import { complete, ofCommand } from './complete.ts'
import { daemonKnowledge } from './daemon-knowledge.ts'
import type { Candidate, Completion } from './values.ts'

/** How long the daemon may take to tell what it knows, in milliseconds. */
const patienceMs = 600

/**
 * `circusctl __complete SHELL PROGRAM …`: what the shells' scripts (`scripts.ts`) ask. Prints a candidate a line, for
 * zsh and fish with a tab and its description; a line `TAB files` leaves it to the shell. Never fails: what is not
 * known is not offered.
 *
 * - `bash PROGRAM WORDBREAKS LINE`: the line up to the cursor; candidates are quoted, and lack what bash does not replace
 * - `zsh PROGRAM -- WORD… CURRENT`: unquoted words, the program not among them
 * - `fish PROGRAM -- WORD… CURRENT`: the same, the last one as it was typed
 */
export async function answer([shell, program = '', ...rest]: readonly string[]): Promise<void> {
  try {
    process.stdout.write(
      linesOf(shell === 'bash' ? await forBash(program, rest) : await forWords(program, rest, shell === 'fish')),
    )
  } catch {
    // Such as an endpoint on the line that is none: nothing to offer.
  }
}

async function forBash(program: string, [breaks = '', text = '']: readonly string[]): Promise<Completion> {
  const line = readTyped(text)
  const start = line.words.findIndex((word) => word.split('/').at(-1) === program)
  const completion = await completionOf(program, line.words.slice(start + 1), line.current)
  if (completion === 'files') return completion
  return completion.map(({ value }) => ({ value: asBashReplaces(value.slice(line.current.length), line, breaks) }))
}

/**
 * Bash replaces a word from where it was last broken: behind a quote that is open (which it closes itself), or behind
 * `=` and `:`.
 */
function asBashReplaces(rest: string, { typed, quote, inQuote }: TypedLine, breaks: string): string {
  if (quote === "'" || quote === '"') return inQuote + quoted(rest, quote).slice(0, -1)
  const end = Math.max(...[...'=:@'].map((char) => (breaks.includes(char) ? typed.lastIndexOf(char) : -1)))
  return typed.slice(end + 1) + quoted(rest, quote)
}

async function forWords(program: string, [, ...words]: readonly string[], typed: boolean): Promise<Completion> {
  const current = words.at(-1) ?? ''
  return completionOf(program, words.slice(0, -1), typed ? readTyped(current).current : current)
}

async function completionOf(program: string, words: readonly string[], current: string): Promise<Completion> {
  if (program === 'circusd') {
    const { circusd } = await import('./circusd.ts')
    return ofCommand(circusd, words, current, daemonKnowledge(undefined), circusd.flags)
  }
  await using daemon = daemonOf(words)
  return await complete(words, current, daemonKnowledge(daemon))
}

/** The daemon that a line means. Not through `ssh`, which might ask for a password. */
function daemonOf(words: readonly string[]): Daemon | undefined {
  const [address] = addressesOf(connectionFlagsOf(words))
  return address && address.ssh === undefined ? new Daemon({ ...address, timeoutMs: patienceMs }) : undefined
}

function linesOf(completion: Completion): string {
  if (completion === 'files') return '\tfiles\n'
  const lines = completion.filter(({ value }) => !/\p{Cc}/u.test(value)).map(line)
  return lines.join('')
}

const line = ({ value, description }: Candidate) =>
  description ? `${value}\t${description.replace(/\p{Cc}+/gu, ' ')}\n` : `${value}\n`
