import { defineStream } from '../../core/index.ts'
import { Compression } from './file/compression.ts'
import { DatedRotation } from './file/dated-rotation.ts'
import { FileWriter } from './file/file-writer.ts'
import { whens } from './file/timetable.ts'
import { compress, fileOptions, neededWord } from './file-options.ts'
import { boolean, integer, optionsTable } from './options.ts'

/** Output goes to the end of a file, which is rotated when its time has come and there is something to write. */
export const timedRotatingFileStream = defineStream({
  name: 'TimedRotatingFileStream',
  summary: 'a file, rotated by time',
  options: optionsTable({
    ...fileOptions,
    rotate_when: neededWord('the unit of rotate_interval, or at which end of a day', whens),
    rotate_interval: integer('how many of these', 1, { min: 1, max: 1_000_000 }),
    utc: boolean('whether the clock of UTC counts, and not that of this machine', false),
    backup_count: integer('so many rotated files are kept; 0: all', 0),
    compress,
  }),
  create(options, context) {
    const { rotate_when: when, rotate_interval: interval, utc, backup_count: backupCount } = options
    const { log } = context
    const rotation = (path: string) => {
      const compression = options.compress === 'gzip' ? new Compression(path, log) : undefined
      return new DatedRotation(path, { when, interval, utc, backupCount, compression, log })
    }
    return new FileWriter(options, context, { rotation }).open()
  },
})
