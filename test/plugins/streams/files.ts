import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { OutputPiece, OutputStream, StreamClass, StreamContext } from '../../../core/index.ts'
import { LogRecorder, type TemporaryFolder, temporaryFolder } from '../../harness/index.ts'

/** What a process of the watcher `web` wrote. */
export function piece(text: string | Buffer, changes: Partial<OutputPiece> = {}): OutputPiece {
  const data = Buffer.from(text)
  const ends = { startsLine: true, endsLine: data.at(-1) === 10 }
  return { data, watcher: 'web', wid: 1, pid: 4711, kind: 'stdout', time: Date.now(), ...ends, ...changes }
}

/** A stream of a test, in a folder of its own; what is open when its scope ends is closed. */
export class StreamFolder implements AsyncDisposable {
  readonly log = new LogRecorder()
  readonly folder: TemporaryFolder = temporaryFolder()
  readonly #open = new Set<OutputStream>()

  path(name: string): string {
    return this.folder.path(name)
  }

  /** Make a stream from options as an ini has them; `filename` is `out.log` in this folder unless it is given. Rejects with what is wrong with them. */
  async stream<T>(
    streamClass: StreamClass<T>,
    options: Readonly<Record<string, string>> = {},
    context: Partial<StreamContext> = {},
  ): Promise<OutputStream> {
    const given = { filename: this.path('out.log'), ...options }
    const result = await streamClass.options!['~standard'].validate(given)
    if (result.issues) throw new Error(result.issues.map(({ path, message }) => `${path}: ${message}`).join('; '))
    const defaults: StreamContext = { watcher: 'web', kind: 'stdout', folder: this.folder.root, log: this.log.log }
    const stream = await streamClass.create(result.value, { ...defaults, ...context })
    this.#open.add(stream)
    return stream
  }

  async close(stream: OutputStream): Promise<void> {
    this.#open.delete(stream)
    await stream.close?.()
  }

  /** What is in a file, of one that ends in `.gz` uncompressed. */
  read(name = 'out.log'): string {
    return this.bytes(name).toString()
  }

  /** The same, byte for byte. */
  bytes(name = 'out.log'): Buffer {
    const data = readFileSync(this.path(name))
    return name.endsWith('.gz') ? gunzipSync(data) : data
  }

  /** The names in a folder, sorted. */
  names(name = '.'): string[] {
    return readdirSync(this.path(name)).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#open) await stream.close?.()
    this.folder[Symbol.dispose]()
  }
}

/** A file system of its own in the memory: only root can make one. */
export class SmallDisk implements Disposable {
  readonly root: string

  constructor(root: string, options: string) {
    mkdirSync(root)
    this.root = root
    mount('-t', 'tmpfs', '-o', options, 'circusd-test', root)
  }

  /** Change its size. */
  remount(options: string): void {
    mount('-o', `remount,${options}`, this.root)
  }

  [Symbol.dispose](): void {
    spawnSync('umount', ['--lazy', this.root])
  }
}

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('mount', args)
  if (status !== 0) throw new Error(`mount: ${stderr}`)
}
