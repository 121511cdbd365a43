import { defineStream } from '../../core/index.ts'
import { Compression } from './file/compression.ts'
import { FileWriter } from './file/file-writer.ts'
import { NumberedRotation } from './file/numbered-rotation.ts'
import { compress, fileOptions } from './file-options.ts'
import { bytes, integer, optionsTable } from './options.ts'

/** Options of a file that is rotated by its size. */
export const sizedFileOptions = {
  ...fileOptions,
  max_bytes: bytes('the file is rotated before it has so many bytes; 0: never', 0),
  backup_count: integer('so many rotated files are kept; 0: nothing is rotated', 0),
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
      const writer = await new FileWriter(options, context).open()
      const option = `${context.kind}_stream`
      if (maxBytes > 0) context.log.warning(`${option}.max_bytes has no effect without ${option}.backup_count`)
      return writer
    }
    const rotation = (path: string) => {
      const compression = compress === 'gzip' ? new Compression(path, context.log) : undefined
      return new NumberedRotation(path, { maxBytes, backupCount, compression })
    }
    return new FileWriter(options, context, { rotation }).open()
  },
})
