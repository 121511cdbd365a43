import { type ControlCommand, defaultEndpoint, type Flags, type Reply } from './command.ts'
import { type Address, Daemon } from './daemon.ts'
import { type Output, standardOutput } from './output.ts'
import type { Line } from './read-line.ts'

/** Carry out one command line, at one daemon or at several. Resolves to the exit code. */
export async function perform(command: ControlCommand, line: Line): Promise<number> {
  const addresses = addressesOf(command.ownTimeout ? { ...line.flags, timeout: undefined } : line.flags)
  if (addresses.length > 1 && !command.local) {
    const { performAtEach } = await import('./perform-at-each.ts')
    return performAtEach(addresses, command, line)
  }
  const output = standardOutput(line.flags)
  const address = addresses[0] as Address
  try {
    await using daemon = new Daemon(address)
    return await performAt(daemon, command, line, output)
  } catch (error) {
    const { failureOf } = await import('./failure.ts') // most lines need it not
    const { text, value, code } = failureOf(command.name, error, address)
    if (line.flags.json) output.printJson(value)
    else process.stderr.write(`${text}\n`)
    return code
  }
}

/**
 * Carry out one command at a daemon and print what it answers. Resolves to the exit code; rejects with a `UsageError`,
 * or like `Daemon.call` (`failureOf` says what to tell of it).
 *
 * @param interrupted Ends what goes on until then, such as `listen`. @default Ctrl-C, which closes the daemon as well
 */
export async function performAt(
  daemon: Daemon,
  command: ControlCommand,
  { flags, positionals }: Line,
  output: Output,
  interrupted?: AbortSignal,
): Promise<number> {
  const json = flags.json === true
  const show = output.terminal && !json ? command.show?.bind(command) : undefined
  const run = command.run?.bind(command) ?? show
  if (run) {
    using interruption = interrupted ? undefined : new Interruption(daemon)
    const signal = interrupted ?? interruption!.signal
    try {
      return (await run({ daemon, output, json, interrupted: signal }, positionals, flags)) ?? 0
    } catch (error) {
      if (!signal.aborted) throw error
      const { exit } = await import('./failure.ts')
      return exit.interrupted
    }
  }
  const properties = command.properties?.(positionals, flags) ?? {}
  const call = () => daemon.call(command.name, properties)
  const reply =
    properties.waiting === true && process.stderr.isTTY
      ? await callAndWatch(daemon, command, properties, call)
      : await call()
  if (json) output.printJson(reply)
  else output.print(command.print?.(reply) ?? 'ok')
  return 0
}

/** Work that is waited for, with what it waits for on the terminal. */
async function callAndWatch(daemon: Daemon, { name }: ControlCommand, properties: Reply, call: () => Promise<Reply>) {
  const { awaited, withProgress } = await import('./progress.ts')
  const watcher = properties.name === undefined ? undefined : String(properties.name)
  return withProgress([name, watcher ?? []].flat().join(' '), () => awaited(daemon, watcher), call)
}

/** Which daemons the flags and the environment mean: one at least. */
export function addressesOf(flags: Flags): Address[] {
  const text = (name: string) => (flags[name] === undefined ? undefined : String(flags[name]))
  const endpoints = [flags.endpoint ?? (process.env.CIRCUSCTL_ENDPOINT || defaultEndpoint)].flat().map(String)
  return [...new Set(endpoints)].map((endpoint) => ({
    endpoint,
    timeoutMs: flags.timeout === undefined ? undefined : Number(flags.timeout) * 1_000,
    ssh: text('ssh'),
    sshKeyfile: text('ssh_keyfile'),
    key: text('key'),
  }))
}

/** Ctrl-C as a signal of abortion, which gives up what the daemon is asked, too. The second one ends the process as ever. */
class Interruption implements Disposable {
  readonly #controller = new AbortController()
  readonly #abort: () => void

  constructor(daemon: Daemon) {
    this.#abort = () => {
      this.#controller.abort()
      void daemon.close()
    }
    process.once('SIGINT', this.#abort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#abort)
  }
}
