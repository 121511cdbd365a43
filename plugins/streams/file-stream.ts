import { defineStream } from '../../core/index.ts'
import { Compression } from './file/compression.ts'
import { NumberedRotation } from './file/numbered-rotation.ts'
import { backups, compress, fileOptions, sizeLimit } from './file-options.ts'
import { optionsTable } from './options.ts'
import { toFile } from './to-file.ts'

/** Options of a file that is rotated by its size. */
export const sizedFileOptions = {
  ...fileOptions,
  max_bytes: sizeLimit,
  backup_count: backups('nothing is rotated'),
  compress,
}

/** Output goes to the end of a file, which is rotated when it is large enough. */
export const fileStream = defineStream({
  name: 'FileStream',
  summary: 'a file, rotated by its size',
  options: optionsTable(sizedFileOptions),
  async create(options, context) {
    const { max_bytes: maxBytes, backup_count: backupCount, compress } = options
    if (maxBytes === 0 || backupCount === 0) {
      const stream = await toFile(options, context)
      const option = `${context.kind}_stream`
      if (maxBytes > 0) context.log.warning(`${option}.max_bytes has no effect without ${option}.backup_count`)
      return stream
    }
    const rotation = (path: string) => {
      const compression = compress === 'gzip' ? new Compression(path, context.log) : undefined
      return new NumberedRotation(path, { maxBytes, backupCount, compression })
    }
    return toFile(options, context, { rotation })
  },
})
