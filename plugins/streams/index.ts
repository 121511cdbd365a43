import { definePlugin } from '../../core/index.ts'
import { fancyStdoutStream } from './fancy-stdout-stream.ts'
import { fileStream } from './file-stream.ts'
import { jsonStream } from './json-stream.ts'
import { queueStream } from './queue-stream.ts'
import { stdoutStream } from './stdout-stream.ts'
import { syslogStream } from './syslog-stream.ts'
import { timedRotatingFileStream } from './timed-rotating-file-stream.ts'
import { watchedFileStream } from './watched-file-stream.ts'

export { boolean, bytes, integer, type Option, oneOf, option, optionsTable, required, text } from './options.ts'
export { type QueuedLine, QueueStream, queueOf } from './queue-stream.ts'

/** The stream classes of the original, and more: what `stdout_stream.class` and `stderr_stream.class` name. */
export default definePlugin({
  name: 'streams',
  summary: 'Files, syslog and terminals for what processes write: stdout_stream.* and stderr_stream.*',
  kernel: true,
  setup(circus) {
    circus.stream(fileStream)
    circus.stream(watchedFileStream)
    circus.stream(timedRotatingFileStream)
    circus.stream(stdoutStream)
    circus.stream(fancyStdoutStream)
    circus.stream(jsonStream)
    circus.stream(queueStream)
    circus.stream(syslogStream)
  },
})
