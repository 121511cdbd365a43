import { closeSync, writeSync } from 'node:fs'
import { reportVariable } from './options.ts'

/** Marks the end of a start that went well, on the pipe between the two halves of `--daemon`. */
export const readyMark = '\0'

/** Tells whoever started the daemon how the start goes: on standard error, or to the waiting half of `--daemon`. */
export interface Reporter {
  /** Whether this is the background half of `--daemon`. */
  readonly detached: boolean
  line(text: string): void
  /** The start went well. Nothing can be told afterwards. */
  ready(): void
}

/** The reporter of this process. Takes its mark out of the environment, so that no watcher inherits it. */
export function createReporter(env: NodeJS.ProcessEnv = process.env): Reporter {
  const fd = Number(env[reportVariable])
  delete env[reportVariable]
  if (!Number.isInteger(fd) || fd < 3) {
    return { detached: false, line: (text) => void process.stderr.write(`${text}\n`), ready() {} }
  }
  const write = (text: string) => {
    try {
      writeSync(fd, text)
    } catch {
      // The waiting half was killed: there is nobody to tell, and the daemon lives on.
    }
  }
  return {
    detached: true,
    line: (text) => write(`${text}\n`),
    ready() {
      write(readyMark)
      closeSync(fd)
    },
  }
}
