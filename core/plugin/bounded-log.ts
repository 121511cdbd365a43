import type { Log } from '../log.ts'
import { logLevels } from '../log.ts'

/** So many lines of one plugin are logged in a second; of what it writes beyond, the log says how many there were. */
const LINES_PER_SECOND = 500

const SECOND_MS = 1000

/** The log of one plugin, its children included: however much it writes, the log stays readable and the disk free. */
export class BoundedLog {
  readonly log: Log
  /** Lines that were left out since it began. */
  dropped = 0
  readonly #plain: Log
  #written = 0
  #untold = 0
  #second: NodeJS.Timeout | undefined

  constructor(log: Log) {
    this.#plain = log
    this.log = this.#bounded(log)
  }

  /** Say now what was left out last. */
  flush(): void {
    clearTimeout(this.#second)
    this.#second = undefined
    this.#written = 0
    if (this.#untold === 0) return
    this.#plain.warning(`${this.#untold} lines were left out: it may log ${LINES_PER_SECOND} in a second`)
    this.#untold = 0
  }

  #bounded(log: Log): Log {
    const at = (level: Log['level']) => (message: string, fields?: object) => {
      if (logLevels.indexOf(level) >= logLevels.indexOf(log.level) && this.admits()) log[level](message, fields)
    }
    return {
      get level() {
        return log.level
      },
      set level(level) {
        log.level = level
      },
      debug: at('debug'),
      info: at('info'),
      warning: at('warning'),
      error: at('error'),
      critical: at('critical'),
      disclose: (message) => log.disclose(message),
      child: (name) => this.#bounded(log.child(name)),
      reopen: () => log.reopen(),
      close: () => log.close(),
    }
  }

  /** Whether one line more may be written now; one that may not is counted. */
  admits(): boolean {
    this.#second ??= setTimeout(() => this.flush(), SECOND_MS).unref()
    if (this.#written < LINES_PER_SECOND) {
      this.#written++
      return true
    }
    this.dropped++
    this.#untold++
    return false
  }
}
