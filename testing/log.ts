import type { Log } from '../core/index.ts'
import { Recorder, type Wanted } from './recorder.ts'

/** A log that keeps its records: each as `LEVEL message`. */
export class LogRecorder extends Recorder<string> {
  readonly log: Log = logTo((record) => this.add(record), '')

  constructor() {
    super((record) => record)
  }

  /** Wait for a record. */
  record(pattern: RegExp, options?: Wanted): Promise<string> {
    return this.until((record) => pattern.test(record), options, `a record like ${pattern}`)
  }

  /** The records so far that match. */
  matching(pattern: RegExp): string[] {
    return this.all.filter((record) => pattern.test(record))
  }
}

function logTo(add: (record: string) => void, prefix: string): Log {
  const at = (level: string) => (message: string, fields?: object) =>
    add(`${level} ${prefix}${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`)
  return {
    level: 'debug',
    debug: at('debug'),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
    disclose: at('info'),
    child: (name) => logTo(add, `${prefix}${name}: `),
    reopen() {},
    close() {},
  }
}
