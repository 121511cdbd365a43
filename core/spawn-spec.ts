import { type CommandContext, commandLine } from './config/command-line.ts'
import { spawnEnvironment } from './config/environment.ts'
import type { WatcherOptions } from './config/types.ts'
import { workingFolder } from './config/working-folder.ts'
import { KernelError, reasonOf } from './errors.ts'
import { canPipe } from './posix/pipes.ts'
import type { SpawnSpec } from './process.ts'
import { FIRST_SOCKET_FD, type SocketLoan } from './sockets/sockets.ts'

/** What a process of a watcher is made from, beside the watcher's options. */
export interface SpawnContext {
  readonly watcher: string
  readonly wid: number
  readonly generation: number
  readonly sockets: SocketLoan
}

/** The specification of one more process of a watcher. Throws `ERR_SPAWN_FAILED` for a command that cannot be split. */
export function spawnSpec(options: WatcherOptions, context: SpawnContext): SpawnSpec {
  const { watcher, wid, generation, sockets } = context
  const env = { ...withoutSockets(spawnEnvironment(options, process.env)), ...listenVariables(sockets) }
  const numbers = Object.fromEntries(sockets.names.map((name, at) => [name, FIRST_SOCKET_FD + at]))
  const output = canPipe ? 'pipe' : 'inherit'
  return {
    watcher,
    wid,
    generation,
    argv: words(options, { name: watcher, wid, sockets: numbers, env }),
    executable: options.executable,
    env,
    searchPath: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    cwd: workingFolder(options),
    confinement: options,
    stdin: sockets.stdin ?? (options.close_child_stdin ? 'null' : 'inherit'),
    stdout: options.close_child_stdout ? 'null' : output,
    stderr: options.close_child_stderr ? 'null' : output,
    fds: [...sockets.fds],
  }
}

/** What tells a program of its sockets: sd_listen_fds(3). LISTEN_PID is added as it starts. */
function listenVariables({ fds, names }: SocketLoan): Record<string, string> {
  return fds.length === 0 ? {} : { LISTEN_FDS: String(fds.length), LISTEN_FDNAMES: names.join(':') }
}

/** Without what was said of the sockets of the daemon itself. */
function withoutSockets({ LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID, ...env }: Record<string, string>) {
  return env
}

function words(options: WatcherOptions, context: CommandContext): string[] {
  try {
    return commandLine(options, context).argv
  } catch (error) {
    // What is put in for `$(circus.…)` may hold a quote.
    throw new KernelError('ERR_SPAWN_FAILED', [context.name, reasonOf(error)], { cause: error })
  }
}
