import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs'
import { delimiter, isAbsolute, resolve } from 'node:path'
import { KernelError, reasonOf } from './errors.ts'
import { type Confinement, execChain, runsAs } from './posix/exec-chain.ts'
import { chainedFiles, softLimit } from './posix/limits.ts'
import { type OutputPipe, openPipe, type PipeReader, type PipeSink, readPipe } from './posix/pipes.ts'
import { childrenOf, descendantsOf, type ProcessEntry, processEntry } from './posix/proc.ts'
import { signalName } from './posix/signals.ts'
import { type Ending, LaunchError, type Launched, launch } from './posix/spawn.ts'

/** Everything a process is made from. `beforeSpawn` may change it. */
export interface SpawnSpec {
  /** The name of the watcher, for messages. */
  watcher: string
  /** Which configuration of the watcher this is made from. */
  generation: number
  /** Lowest free number from 1 among the watcher's processes. */
  wid: number
  argv: string[]
  /** Run instead of `argv[0]`. */
  executable: string | null
  env: Record<string, string>
  /** Where to look for a program without a `/` when `env` has no PATH. */
  searchPath: string
  cwd: string
  confinement: Confinement
  /** Descriptors of the daemon, or what to make of 0, 1 and 2. */
  stdin: StandardStream
  stdout: StandardStream
  stderr: StandardStream
  /** Descriptors of the daemon that become 3, 4, …. */
  fds: number[]
}

/** `inherit`: the daemon's own; `null`: /dev/null; `pipe`: through the daemon (stdout, stderr); or a descriptor. */
export type StandardStream = 'inherit' | 'null' | 'pipe' | number

/** How a process ended. */
export interface Exit extends Ending {
  /** Unix milliseconds. */
  readonly at: number
  /** As on the wire: the exit status, or the negative number of the signal; `null` when nobody can tell. */
  readonly exitCode: number | null
}

/**
 * Where a process is in its life. `stopping`: it was asked to end. Only `running` and `stopping` ones hold a place
 * among `numprocesses`: the place of a `retired` one, which may be stopping as well, is taken or gone.
 */
export type ProcessState = 'running' | 'stopping' | 'retired' | 'exited'

/** What a process tells whoever started it. */
export interface ProcessListener {
  /** Where to put what it writes to one of its pipes. Called before `spawn` returns. */
  sink(process: Process, stream: 'stdout' | 'stderr'): PipeSink
  /** It has ended and all it wrote has been delivered; `last` is the state it ended in. Called once. */
  onExit(process: Process, exit: Exit, last: ProcessState): void
}

/** One process. Known for good by its pid and the time the kernel started it. */
export class Process {
  readonly wid: number
  readonly pid: number
  /** Clock ticks since boot; `null` where there is no /proc. */
  readonly startTime: number | null
  /** Unix milliseconds. */
  readonly startedAt: number
  /** Short lives of its predecessors in a row: how long the next pause will be (core/vacancies.ts). */
  readonly shortLives: number
  /** Settles when it has ended. */
  readonly exited: Promise<Exit>
  /** Which configuration of its watcher it was made from: counts up with each change. */
  readonly generation: number
  #state: ProcessState = 'running'
  readonly #launched: Launched
  readonly #readers: PipeReader[]

  private constructor(spec: SpawnSpec, listener: ProcessListener, shortLives: number) {
    this.wid = spec.wid
    this.generation = spec.generation
    this.shortLives = shortLives
    const { promise, resolve: settle } = Promise.withResolvers<Exit>()
    this.exited = promise
    const streams = new Streams(spec)
    try {
      this.startedAt = Date.now()
      this.#launched = start(spec, streams.fds, (ending) => {
        for (const reader of this.#readers) {
          reader.drain()
          // Somebody it has left behind may hold the pipe for ever.
          reader.unref()
        }
        const exit = { ...ending, at: Date.now(), exitCode: ending.code ?? (ending.signum && -ending.signum) }
        const last = this.#state
        this.#state = 'exited'
        settle(exit)
        listener.onExit(this, exit, last)
      })
    } catch (error) {
      streams.closeReadEnds()
      throw error
    } finally {
      streams.closeChildEnds()
    }
    this.pid = this.#launched.pid
    this.startTime = processEntry(this.pid)?.startTime ?? null
    this.#readers = streams.read((stream) => listener.sink(this, stream))
  }

  /** Start a process. Throws `ERR_SPAWN_FAILED`, saying why in words, or `ERR_PLATFORM_UNSUPPORTED`. */
  static spawn(spec: SpawnSpec, listener: ProcessListener, shortLives = 0): Process {
    try {
      return new Process(spec, listener, shortLives)
    } catch (error) {
      if (!/\bEMFILE\b/.test(reasonOf(error))) throw error
      throw new KernelError('ERR_SPAWN_FAILED', [spec.watcher, tooManyFiles()], { cause: error })
    }
  }

  get state(): ProcessState {
    return this.#state
  }

  get alive(): boolean {
    return this.#state !== 'exited'
  }

  /** Whether it holds a place among `numprocesses`. */
  get holdsPlace(): boolean {
    return this.#state === 'running' || this.#state === 'stopping'
  }

  /** Seconds since it was started. */
  get age(): number {
    return (Date.now() - this.startedAt) / 1000
  }

  /** It is being asked to end; its place is kept for a successor. */
  markStopping(): void {
    if (this.#state === 'running') this.#state = 'stopping'
  }

  /** From now on it holds no place. */
  retire(): void {
    if (this.alive) this.#state = 'retired'
  }

  /** It holds a place again, if it still lives. */
  reinstate(): void {
    if (this.#state === 'retired') this.#state = 'running'
  }

  /** It holds no place, and does not keep this process alive, any more; when it ends, it is reaped all the same. */
  release(): void {
    this.retire()
    this.#launched.unref()
    for (const reader of this.#readers) reader.unref()
  }

  /** Send a signal to the process itself. `false` when it has ended. Throws `ERR_SYSTEM_CALL`. */
  signal(signum: number): boolean {
    return this.alive && this.#launched.signal(signum)
  }

  /** Its direct children. */
  children(): ProcessEntry[] {
    return this.alive ? childrenOf(this.pid) : []
  }

  /** Every living process it has started, directly or not, those that moved to another session included. */
  descendants(): ProcessEntry[] {
    return descendantsOf(this.pid)
  }
}

/** What became of a process, in words: `exited with status 1`, `killed by SIGKILL`. */
export function describeExit({ code, signum }: Ending): string {
  if (signum !== null) return `killed by ${signalName(signum)}`
  return code === null ? 'ended' : `exited with status ${code}`
}

/** One for all; opened by the first process that needs it. */
let devNull: number | undefined

/** The descriptors of one process's standard streams while it is being started. */
class Streams {
  readonly fds: number[]
  readonly #pipes: { readonly name: 'stdout' | 'stderr'; readonly pipe: OutputPipe }[] = []
  readonly #opened: number[] = []

  constructor({ watcher, stdin, stdout, stderr, fds, confinement }: SpawnSpec) {
    const owner = runsAs(watcher, confinement)
    try {
      this.fds = [this.#open(stdin, 0, owner), this.#open(stdout, 1, owner), this.#open(stderr, 2, owner), ...fds]
    } catch (error) {
      this.closeReadEnds()
      this.closeChildEnds()
      throw error
    }
  }

  #open(kind: StandardStream, fd: 0 | 1 | 2, owner: number | null): number {
    if (typeof kind === 'number') return kind
    if (kind === 'inherit') return fd
    if (kind === 'pipe' && fd !== 0) {
      const pipe = openPipe(owner)
      this.#pipes.push({ name: fd === 1 ? 'stdout' : 'stderr', pipe })
      this.#opened.push(pipe.writeEnd)
      return pipe.writeEnd
    }
    devNull ??= openSync('/dev/null', constants.O_RDWR)
    return devNull
  }

  closeChildEnds(): void {
    for (const fd of this.#opened) closeSync(fd)
  }

  closeReadEnds(): void {
    for (const { pipe } of this.#pipes) closeSync(pipe.readEnd)
  }

  read(sink: (stream: 'stdout' | 'stderr') => PipeSink): PipeReader[] {
    return this.#pipes.map(({ name, pipe }) => readPipe(pipe.readEnd, sink(name)))
  }
}

function start(spec: SpawnSpec, fds: number[], onEnd: (ending: Ending) => void): Launched {
  const { watcher, argv, cwd, env, confinement } = spec
  const [program] = argv
  if (!program) throw new KernelError('ERR_SPAWN_FAILED', [watcher, 'the command is empty'])
  const path = findProgram(spec, spec.executable ?? program)
  const chain = execChain(watcher, { ...confinement, files: chainedFiles(fds), tellPid: fds.length > 3 }, path, env)
  const [tool] = chain.prefix
  if (tool && lacksInterpreter(path)) throw new KernelError('ERR_SPAWN_FAILED', [watcher, noInterpreter(path)])
  // At the end of a chain the program is looked up again, so it goes by its path there.
  const line = tool ? [...chain.prefix, path, ...argv.slice(1)] : argv
  try {
    return launch({ path: tool ?? path, argv: line, env: chain.env, cwd, fds }, onEnd)
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error
    throw new KernelError('ERR_SPAWN_FAILED', [watcher, diagnose(error, path, cwd)], { cause: error })
  }
}

/** The file of a program, found as a shell does. Throws `ERR_SPAWN_FAILED` when there is none. */
function findProgram({ watcher, env, searchPath, cwd }: SpawnSpec, program: string): string {
  if (program.includes('/')) {
    const file = isAbsolute(program) ? program : resolve(cwd, program)
    if (isExecutable(file)) return file
    throw new KernelError('ERR_SPAWN_FAILED', [watcher, notExecutable(file, cwd)])
  }
  const path = env['PATH'] ?? searchPath
  for (const folder of path.split(delimiter)) {
    const file = resolve(cwd, folder, program)
    if (isExecutable(file)) return file
  }
  throw new KernelError('ERR_SPAWN_FAILED', [watcher, `${program} was not found along PATH (${path || 'empty'})`])
}

function isExecutable(file: string): boolean {
  // Asking first is cheaper than catching: most folders along PATH do not have the program.
  if (!status(file)?.isFile()) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What is known about a file: nothing as well when it is in a folder that this user may not enter. */
function status(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const isFolder = (path: string): boolean => status(path)?.isDirectory() ?? false

function notExecutable(file: string, cwd: string): string {
  if (!isFolder(cwd)) return `working_dir ${cwd} is not a folder`
  const stat = status(file)
  if (!stat) return `${file}: no such file`
  return stat.isFile() ? `${file}: it is not executable (chmod +x)` : `${file}: it is not a file`
}

/** Why a program that is there and executable could not be started. */
function diagnose(error: LaunchError, path: string, cwd: string): string {
  if (!isFolder(cwd)) return `working_dir ${cwd} is not a folder`
  if (error.errnoName === 'ENOENT') return noInterpreter(path)
  if (error.errnoName === 'ENOEXEC') return `${path}: neither a program nor a script with a #! line`
  return `${path}: ${error.message}`
}

const tooManyFiles = () =>
  `EMFILE, this daemon has as many files open as it may, ${softLimit('nofile')}, three of them for each process; it takes a higher limit (ulimit -n, or LimitNOFILE= of systemd)`

const noInterpreter = (path: string) => `${path}: the interpreter that its first line names is not there`

/** Whether a program is a script whose interpreter is missing. */
function lacksInterpreter(path: string): boolean {
  const start = Buffer.alloc(256)
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      readSync(file, start)
    } finally {
      closeSync(file)
    }
  } catch {
    // To be run it need not be readable.
    return false
  }
  const interpreter = /^#![ \t]*([^ \t\n\0]+)/.exec(start.toString('latin1'))?.[1]
  return interpreter !== undefined && !isExecutable(interpreter)
}
