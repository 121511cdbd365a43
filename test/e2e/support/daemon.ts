import { readFileSync } from 'node:fs'
import type { Folder } from './folder.ts'
import { bin, Program, type ProgramOptions, runBin } from './program.ts'

/** Started last of all, and says so: then the endpoints are bound and all other watchers were started. */
const lastWatcher = `
[watcher:last]
cmd = sh -c 'echo all started; exec sleep 1000'
priority = -1000
`

/** The fields of replies that tests look at. */
interface Reply {
  readonly status: string
  readonly pids: number[]
  readonly numwatchers: number
}

/** A daemon in the foreground whose endpoints lie in a folder. */
export class Daemon extends Program {
  readonly endpoint: string

  constructor(folder: Folder, file: string, args: readonly string[] = [], options: ProgramOptions = {}) {
    super(process.execPath, [bin('circusd'), file, ...args], options)
    this.endpoint = `ipc://${folder.at('control')}`
  }

  /** Run an ini (without `[circus]` and one more watcher, `last`) and wait until all of it was started. */
  static async start(folder: Folder, ini: string, args: readonly string[] = [], circus = ''): Promise<Daemon> {
    const file = folder.write('circus.ini', `${folder.circus}${circus}\n${ini}${lastWatcher}`)
    const daemon = new Daemon(folder, file, args)
    try {
      await daemon.line(/all started/)
    } catch (error) {
      await daemon[Symbol.asyncDispose]()
      throw error
    }
    return daemon
  }

  /** Run `circusctl` against it. */
  ctl(...args: string[]) {
    return runBin('circusctl', args, { env: { CIRCUSCTL_ENDPOINT: this.endpoint } })
  }

  /** The reply of one command. */
  async ask(...args: string[]): Promise<Reply> {
    const { stdout, stderr } = await this.ctl('--json', ...args)
    if (stdout === '') throw new Error(`no reply: ${stderr}`)
    return JSON.parse(stdout)
  }

  /** The pids of a watcher's processes. */
  async pids(watcher: string): Promise<number[]> {
    return (await this.ask('list', watcher)).pids
  }
}

/** Whether a process lives; a zombie does not. */
export function lives(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
