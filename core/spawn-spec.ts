import { commandLine } from './config/command-line.ts'
import { spawnEnvironment } from './config/environment.ts'
import type { WatcherOptions } from './config/types.ts'
import { workingFolder } from './config/working-folder.ts'
import type { SpawnSpec } from './process.ts'

/** What a process of a watcher is made from, beside the watcher's options. */
export interface SpawnContext {
  readonly watcher: string
  readonly wid: number
  readonly generation: number
  /** Whether its output passes through the daemon. */
  readonly piped: boolean
}

/** The specification of one more process of a watcher. Throws `ERR_SPAWN_FAILED` for a command that cannot be split. */
export function spawnSpec(options: WatcherOptions, context: SpawnContext): SpawnSpec {
  const { watcher, wid, generation, piped } = context
  const env = spawnEnvironment(options, process.env)
  const { argv } = commandLine(options, { name: watcher, wid, sockets: {}, env })
  const output = piped ? 'pipe' : 'inherit'
  return {
    watcher,
    wid,
    generation,
    argv,
    executable: options.executable,
    env,
    searchPath: process.env['PATH'] ?? '',
    cwd: workingFolder(options),
    confinement: options,
    stdin: options.close_child_stdin ? 'null' : 'inherit',
    stdout: options.close_child_stdout ? 'null' : output,
    stderr: options.close_child_stderr ? 'null' : output,
    fds: [],
  }
}
