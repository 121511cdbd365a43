import { defineStream, ownStream } from '../../core/index.ts'
import { fileStream, sizedFileOptions } from './file-stream.ts'
import { jsonFormat } from './json-format.ts'
import { type Option, optionsTable, text } from './options.ts'
import { ReformattedStream } from './reformatted.ts'

/** As the option of files, but it may be left out. */
const filename: Option<string | undefined> = {
  shape: { type: 'string', description: "the file to write to; by default the daemon's own stdout" },
  read: (given) => (given === undefined ? undefined : sizedFileOptions.filename.read(given)),
}

/** Output goes to a file or the daemon's own stdout, each line as a JSON object. */
export const jsonStream = defineStream({
  name: 'JsonStream',
  summary: "a JSON object for each line, in a file or on the daemon's own stdout",
  options: optionsTable(
    {
      ...sizedFileOptions,
      filename,
      time_format: text('in the terms of strftime; by default ISO 8601 in UTC, with milliseconds', undefined),
    },
    ({ filename, max_bytes, backup_count, mode, compress }) => {
      const isOfFile = max_bytes > 0 || backup_count > 0 || mode !== undefined || compress !== 'none'
      if (filename === undefined && isOfFile) {
        throw new Error('max_bytes, backup_count, mode and compress are of a file: give filename too')
      }
    },
  ),
  async create({ filename, time_format, ...file }, context) {
    const format = jsonFormat(time_format)
    if (filename === undefined) return new ReformattedStream(format, ownStream(1))
    return new ReformattedStream(
      format,
      await fileStream.create({ ...file, filename, time_format: undefined }, context),
    )
  },
})
