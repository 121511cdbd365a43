import { defineStream } from '../../core/index.ts'
import { FileWriter } from './file/file-writer.ts'
import { fileOptions } from './file-options.ts'
import { optionsTable } from './options.ts'

/** Output goes to the end of a file, which somebody else rotates: it is opened anew as soon as it was moved or deleted. */
export const watchedFileStream = defineStream({
  name: 'WatchedFileStream',
  summary: 'a file that is opened anew when it was moved or deleted',
  options: optionsTable(fileOptions),
  create: (options, context) => new FileWriter(options, context, { watched: true }).open(),
})
