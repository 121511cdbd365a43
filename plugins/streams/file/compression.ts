import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Log } from '../../../core/index.ts'
import { Turns } from './rotation.ts'

/** Much memory and a thread of the pool for each: one file at a time, in the whole daemon. */
const everybody = new Turns()
const CHUNK_BYTES = 64 * 1024

interface Job {
  /** Where the file is now. */
  path: string
  readonly abort: AbortController
}

/**
 * Compresses the old files of one file, in the background. What a daemon that died left half done is begun anew: the
 * compressed file gets its name when it is complete and on the disk, and only then the other one is deleted.
 */
export class Compression {
  /** Whoever moves old files does so in these: the last step is one as well. */
  readonly turns = new Turns()
  readonly #path: string
  readonly #log: Log
  #jobs: Job[] = []
  #working = false
  /** The one that is being compressed just now. */
  #running: Promise<void> | undefined

  /** @param path the file of which there are old ones */
  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  /** Compress those in the folder that are called like the file, with an ending that `matches`. */
  async addWhere(matches: (ending: string) => boolean): Promise<void> {
    const folder = dirname(this.#path)
    const name = basename(this.#path)
    // Without the folder, there is nothing to do.
    const names = await readdir(folder).catch(() => [])
    const paths = names
      .filter((each) => each.startsWith(name) && matches(each.slice(name.length)))
      .map((each) => join(folder, each))
    for (const path of paths) {
      if (!this.#jobs.some((job) => job.path === path)) this.#jobs.push({ path, abort: new AbortController() })
    }
    if (!this.#working) void this.#workOff()
  }

  /** An old file has another name. */
  moved(path: string, target: string): void {
    for (const job of this.#jobs) if (job.path === path) job.path = target
  }

  /** An old file is not wanted any more. */
  dropped(path: string): void {
    for (const job of this.#jobs) if (job.path === path) job.abort.abort()
  }

  /** Leave what is not compressed as it is. */
  async end(): Promise<void> {
    for (const { abort } of this.#jobs) abort.abort()
    await this.#running?.catch(() => {})
  }

  async #workOff(): Promise<void> {
    this.#working = true
    for (let job = this.#jobs[0]; job; job = this.#jobs[0]) {
      const current = job
      try {
        await everybody.run(() => {
          this.#running = this.#compress(current)
          return this.#running
        })
      } catch (error) {
        const { name, message } = error as Error
        if (name !== 'AbortError') this.#log.warning(`${job.path} stays as it is, it is not compressed: ${message}`)
      }
      this.#running = undefined
      this.#jobs = this.#jobs.filter((each) => each !== current)
    }
    this.#working = false
  }

  async #compress(job: Job): Promise<void> {
    const unfinished = join(dirname(this.#path), `.${basename(this.#path)}.gz-unfinished`)
    job.abort.signal.throwIfAborted()
    const source = await this.turns.run(() => open(job.path)).catch(ignoreMissing)
    if (!source) return
    try {
      // Of a daemon that died.
      await rm(unfinished, { force: true })
      if (!(await isCompressed(source, `${job.path}.gz`))) await write(source, unfinished, job.abort.signal)
      await this.turns.run(async () => {
        job.abort.signal.throwIfAborted()
        await rename(unfinished, `${job.path}.gz`).catch(ignoreMissing)
        await rm(job.path)
      })
    } finally {
      await source.close().catch(() => {})
      await rm(unfinished, { force: true }).catch(() => {})
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Whether a daemon that died has come so far: `path` is a whole gzip file of as many bytes. */
async function isCompressed(source: FileHandle, path: string): Promise<boolean> {
  const file = await open(path).catch(ignoreMissing)
  if (!file) return false
  try {
    const { size } = await stat(path)
    const ends = Buffer.alloc(6)
    if (size < 18) return false
    await file.read(ends, 0, 2, 0)
    await file.read(ends, 2, 4, size - 4)
    const original = await source.stat()
    return ends.readUInt16BE(0) === 0x1f8b && ends.readUInt32LE(2) === original.size % 2 ** 32
  } finally {
    await file.close()
  }
}

async function write(source: FileHandle, path: string, signal: AbortSignal): Promise<void> {
  const [{ createGzip }, { pipeline }] = await Promise.all([import('node:zlib'), import('node:stream/promises')])
  // Exclusively: nobody can lead it elsewhere with a link.
  const target = await open(path, 'wx', 0o600)
  try {
    const save = async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await target.appendFile(chunk)
    }
    await pipeline(() => chunksOf(source), createGzip({ chunkSize: CHUNK_BYTES }), save, { signal })
    const { mode, uid, gid, atime, mtime } = await source.stat()
    await target.chown(uid, gid).catch(() => {})
    await target.chmod(mode & 0o7777)
    await target.utimes(atime, mtime)
    await target.sync()
  } finally {
    await target.close().catch(() => {})
  }
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
