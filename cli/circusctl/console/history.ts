import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { readTyped } from './words.ts'

/** How many lines are kept. */
export const historySize = 1_000

/** `$XDG_STATE_HOME/circusctl/history`, or the same under `~/.local/state`. */
export function historyFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'circusctl/history')
}

/**
 * The lines that were entered, kept in a file that only its user reads. A line is written as it is entered, so that
 * consoles side by side keep theirs. A file that cannot be read or written is done without.
 */
export class History {
  /** The newest first, as `node:readline` wants them. */
  readonly lines: readonly string[]
  readonly #file: string
  #last: string | undefined

  constructor(file: string = historyFile()) {
    this.#file = file
    this.lines = readLines(file).slice(-historySize).reverse()
    this.#last = this.lines[0]
  }

  /** Keep a line, unless it is the last one again or looks as if it holds a secret. */
  add(line: string): void {
    if (line === this.#last || !isKept(line)) return
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 })
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 })
      this.#last = line
    } catch {
      // Such as a home that cannot be written: the console works without.
    }
  }
}

/** The file's lines; it is cut to its size, and closed to others, on the way. */
function readLines(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
    chmodSync(file, 0o600)
    if (lines.length > historySize) {
      const fresh = `${file}.${process.pid}`
      writeFileSync(fresh, `${lines.slice(-historySize).join('\n')}\n`, { mode: 0o600 })
      renameSync(fresh, file)
    }
    return lines
  } catch {
    return []
  }
}

const secretName = /pass(word|wd|phrase)?|secret|token|api[-_]?key|credential|private/i

/** Whether a line goes into the file: none that begins with a space, sets `env`, or gives something that looks secret. */
export function isKept(line: string): boolean {
  if (/^\s|^$/.test(line)) return false
  const { words, current } = readTyped(line)
  const all = [...words, current]
  if (all.includes('set') && all.some((word) => /^env\b/i.test(word) || secretName.test(word))) return false
  return !all.some((word) => {
    const [name = '', value] = word.split(/=(.*)/s, 2)
    if (/:\/\/[^/@]*:[^/@]*@/.test(word)) return true // a password in an address
    return (value !== undefined || name.startsWith('-')) && secretName.test(name)
  })
}
