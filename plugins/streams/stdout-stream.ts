import { defineStream, ownStream } from '../../core/index.ts'
import { optionsTable } from './options.ts'

/** Output goes to the daemon's own stdout as it is: that of stderr too, as in the original. */
export const stdoutStream = defineStream({
  name: 'StdoutStream',
  summary: "the daemon's own stdout, as it is",
  options: optionsTable({}),
  create: () => ownStream(1),
})
