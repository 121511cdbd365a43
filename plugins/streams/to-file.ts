import { readlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type OutputStream, ownStream, type StreamContext } from '../../core/index.ts'
import { fancyFormat } from './fancy-stdout-stream.ts'
import { FileWriter, type FileWriterHow, type FileWriterOptions } from './file/file-writer.ts'
import { ReformattedStream } from './reformatted.ts'

/** More links than the kernel follows. */
const MOST_LINKS = 40

/**
 * A stream to a file, open. Where that is the daemon's own stdout or stderr by another name, it is these: opened once more, a
 * socket cannot be had, and in a file one would overwrite what the other has written.
 */
export async function toFile(
  options: FileWriterOptions,
  context: StreamContext,
  how?: FileWriterHow,
): Promise<OutputStream> {
  const fd = await ownDescriptorAt(resolve(options.filename))
  if (fd === undefined) return new FileWriter(options, context, how).open()
  const { time_format: format } = options
  return format === undefined ? ownStream(fd) : new ReformattedStream(fancyFormat(format, undefined), ownStream(fd))
}

/** Which of the daemon's own descriptors has that name, or what it is a link to. */
async function ownDescriptorAt(path: string): Promise<1 | 2 | undefined> {
  let name = path
  for (let links = 0; links < MOST_LINKS; links++) {
    if (/^\/(?:dev\/stdout|(?:dev|proc\/self)\/fd\/1)$/.test(name)) return 1
    if (/^\/(?:dev\/stderr|(?:dev|proc\/self)\/fd\/2)$/.test(name)) return 2
    const target = await readlink(name).catch(() => undefined)
    if (target === undefined) return undefined
    name = resolve(dirname(name), target)
  }
  return undefined
}
