import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../version.ts'
import { type ControlCommand, connectionFlags, type Flags, UsageError } from '../command.ts'
import { commandLoaders } from '../commands/index.ts'
import { daemonKnowledge } from '../completion/daemon-knowledge.ts'
import type { Knowledge } from '../completion/values.ts'
import { type Address, Daemon } from '../daemon.ts'
import { exit, failureOf } from '../failure.ts'
import { standardOutput } from '../output.ts'
import { addressesOf, performAt } from '../perform.ts'
import { arrange, type Line, nameFirst, readLine } from '../read-line.ts'
import { consoleCommands } from './console-commands.ts'
import { splitWords } from './words.ts'

/** How a line ended. */
export type Outcome =
  | { readonly id: 'done'; readonly code: number; readonly unreachable: boolean }
  /** The line says to leave. */
  | { readonly id: 'exit' }

/** What `circusctl` was started with. */
export interface SessionOptions {
  /** The connection's flags, and the words they were given with. */
  readonly flags: Flags
  readonly argv: readonly string[]
  /** Whether programs that are run for a line may read standard input. */
  readonly interactive: boolean
}

/**
 * Carries out lines, one at a time, over one connection that is kept. What does not fit that (mistakes, other daemons,
 * the commands of packages) a `circusctl` of its own does, so that nothing ends the console.
 */
export class ConsoleSession implements AsyncDisposable {
  readonly flags: Flags
  /** Of the daemon; of the first when there are several. */
  readonly address: Address
  /** Whether each line goes to several daemons. */
  readonly several: boolean
  readonly #options: SessionOptions
  #daemon: Daemon | undefined

  constructor(options: SessionOptions) {
    const addresses = addressesOf(options.flags)
    this.#options = options
    this.several = addresses.length > 1
    this.flags = options.flags
    this.address = addresses[0] as Address
  }

  /** The connection. After an interruption it is a fresh one. */
  get daemon(): Daemon {
    this.#daemon ??= new Daemon(this.address)
    return this.#daemon
  }

  /** What can be typed here. */
  get knowledge(): Knowledge {
    const known = daemonKnowledge(this.daemon)
    return {
      ...known,
      commands: async () => [...(await known.commands()), ...consoleCommands],
      command: async (name) => consoleCommands.find((command) => command.name === name) ?? known.command(name),
    }
  }

  /**
   * Carry out a line and print what comes of it. Never rejects.
   *
   * @param interrupted Ends a command that goes on, and the wait for one that does not answer.
   */
  async run(text: string, interrupted: AbortSignal): Promise<Outcome> {
    const words = splitWords(text.replace(/^\s*\?/, 'help '))
    if (!words) return this.#failed('', new UsageError('a quote or a backslash is left open'))
    const [name, ...rest] = nameFirst(words)
    if (name === undefined) return done(exit.done)
    if (name === 'exit') return { id: 'exit' }
    const abort = () => void this.#reset()
    interrupted.addEventListener('abort', abort)
    try {
      if (name === 'help') return done(await this.#help(rest))
      const line = await this.#read(name, rest)
      if (!line) return done(await this.#apart(words))
      const { command, flags, positionals } = line
      const merged = { ...this.flags, ...flags }
      const output = standardOutput(merged)
      return done(await performAt(this.daemon, command, { flags: merged, positionals }, output, interrupted))
    } catch (error) {
      if (interrupted.aborted) return done(exit.interrupted)
      return this.#failed(name, error)
    } finally {
      interrupted.removeEventListener('abort', abort)
    }
  }

  /** Close the connection; the next call opens another. */
  async #reset(): Promise<void> {
    const daemon = this.#daemon
    this.#daemon = undefined
    await daemon?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#reset()
  }

  /** The command and its line, or `undefined` when a `circusctl` of its own is to have it. */
  async #read(name: string, words: readonly string[]): Promise<(Line & { command: ControlCommand }) | undefined> {
    if (this.several) return undefined
    const own = Object.hasOwn(commandLoaders, name) ? await commandLoaders[name]?.() : undefined
    if (own) {
      const line = readLine(own, arrange(own, words))
      if (line) return elsewhere(line.flags) ? undefined : { command: own, ...line }
      if (words.includes('--help')) return undefined
      const { mistakeOf } = await import('../mistake.ts')
      throw mistakeOf(own, words)
    }
    if (name.startsWith('-') || words.includes('--help')) return undefined
    const { packageCommand } = await import('../extensions/packages.ts')
    if (packageCommand([name, ...words])) return undefined
    const { remoteCall, splitConnection } = await import('../extensions/remote-call.ts')
    const { line, words: rest } = splitConnection(words)
    return elsewhere(line.flags) ? undefined : { command: remoteCall(name, rest), ...line }
  }

  async #help([name]: readonly string[]): Promise<number> {
    const output = standardOutput({})
    if (name === undefined) {
      const { overview } = await import('./help.ts')
      output.print(overview(await this.knowledge.commands()))
      return exit.done
    }
    const command = await this.knowledge.command(name)
    if (!command) throw new UsageError(`there is no command '${name}'`)
    const { commandHelp } = await import('../command-help.ts')
    output.print(commandHelp(command))
    return exit.done
  }

  /** Run a line in a `circusctl` of its own, which Ctrl-C reaches as well. */
  async #apart(words: readonly string[]): Promise<number> {
    const program = fileURLToPath(new URL('cli/bin/circusctl.js', packageRoot()))
    const stdin = this.#options.interactive ? 'inherit' : 'ignore'
    const argv = [program, ...withoutThose(this.#options.argv, words), ...words]
    const child = spawn(process.execPath, argv, { stdio: [stdin, 'inherit', 'inherit'] })
    const [code] = await once(child, 'exit')
    return code ?? exit.interrupted
  }

  #failed(name: string, error: unknown): Outcome {
    const { text, value, code } = failureOf(name, error, this.address)
    if (this.flags.json) standardOutput(this.flags).printJson(value)
    else process.stderr.write(`${text.replace(/^circusctl :/, 'circusctl:')}\n`)
    return { id: 'done', code, unreachable: (error as { code?: unknown }).code === 'ERR_UNREACHABLE' }
  }
}

const done = (code: number): Outcome => ({ id: 'done', code, unreachable: false })

/** Whether a line is for another daemon, or for this one in another way. */
function elsewhere(flags: Flags): boolean {
  return Object.keys(flags).some((name) => Object.hasOwn(connectionFlags, name) && !/^(json|prettify)$/.test(name))
}

/** The flags that the console was started with, but for those that the line has itself. */
function withoutThose(argv: readonly string[], words: readonly string[]): string[] {
  const given = new Set(words.map((word) => word.split('=', 1)[0]))
  const none: ControlCommand = { name: '', summary: '' }
  return arrange(none, argv).flags.filter((word) => !given.has(word.split('=', 1)[0]))
}
