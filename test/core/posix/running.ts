import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Exit, Process, type SpawnSpec } from '../../../core/process.ts'
import { killTrees } from '../../../core/termination.ts'
import { Recorder } from '../../harness/index.ts'

const fixtures = fileURLToPath(new URL('../../fixtures/programs', import.meta.url))

/** The file of a fixture program: of a script, where every user can run it, for the checkout itself may be root's own. */
export const program = (name: string): string => join(name.endsWith('.sh') ? programs() : fixtures, name)

let copy: string | undefined

function programs(): string {
  if (copy) return copy
  const path = mkdtempSync(join(tmpdir(), 'circusd-programs-'))
  cpSync(fixtures, path, { recursive: true })
  chmodSync(path, 0o755)
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  copy = path
  return path
}

/** A user of every machine, who is not root and owns nothing. */
export const NOBODY = 65534

const isRoot = process.getuid!() === 0

/** A test that only root can do. */
export const testAsRoot: (name: string, body: () => Promise<void> | void) => void = isRoot ? test : () => {}

/** A test of what root is spared. `ordinary-user.test.ts` does it. */
export const testAsOrdinaryUser: typeof testAsRoot = isRoot ? () => {} : test

/** What a process is made from: piped output, no confinement, nothing inherited; but for `changes`. */
export function specification(changes: Partial<SpawnSpec> = {}): SpawnSpec {
  return {
    watcher: 'test',
    generation: 0,
    wid: 1,
    argv: ['sleep', '60'],
    executable: null,
    env: {},
    searchPath: '/usr/local/bin:/usr/bin:/bin',
    cwd: '/',
    confinement: { uid: null, gid: null, rlimits: {} },
    stdin: 'null',
    stdout: 'pipe',
    stderr: 'pipe',
    fds: [],
    ...changes,
  }
}

/** A process of a test, with all it writes. Leaving its scope kills it, and whoever it started. */
export class Running implements AsyncDisposable {
  readonly process: Process
  /** Its lines on both streams. */
  readonly lines = new Recorder<string>((line) => line)
  /** All it wrote. */
  text = ''
  /** What `text` was when its end was told. */
  textAtExit = ''
  #rest = ''

  constructor(changes: Partial<SpawnSpec>) {
    this.process = Process.spawn(specification(changes), {
      sink: () => ({ onData: (data) => this.#add(data.toString()), onEnd() {} }),
      onExit: () => {
        this.textAtExit = this.text
      },
    })
  }

  get pid(): number {
    return this.process.pid
  }

  /** Wait for a line. */
  line(pattern: RegExp): Promise<string> {
    return this.lines.until((line) => pattern.test(line))
  }

  get exited(): Promise<Exit> {
    return this.process.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killTrees([this.process])
    await this.process.exited
  }

  #add(text: string): void {
    this.text += text
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) this.lines.add(line)
  }
}

/** The descriptors a process has open. */
export function descriptors(pid: number | 'self' = 'self'): number[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map(Number)
    .sort((a, b) => a - b)
}
