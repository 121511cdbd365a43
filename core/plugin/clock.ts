/** Something a plugin wants to be called for later, by `circus.every` or `circus.after`. */
export interface PluginTimer {
  /** Whose it is. */
  readonly plugin: string
  readonly seconds: number
  /** Again and again, or once. */
  readonly repeats: boolean
  /** Call the plugin. Never rejects; resolves when what the plugin returned has settled, whatever became of it. */
  run(): Promise<void>
}

/** What tells plugins that time has passed. */
export interface PluginClock {
  /** Run a timer when it is due, never before this has returned. Returns how to cancel it, which may be done late or twice. */
  start(timer: PluginTimer): () => void
}

/** The longest that Node's timers can wait, in milliseconds: a longer one would run at once. */
const LONGEST_MS = 2 ** 31 - 1

/** The time of this world. */
export const realClock: PluginClock = {
  start({ seconds, repeats, run }) {
    const ms = Math.min(seconds * 1000, LONGEST_MS)
    if (!repeats) {
      const timer = setTimeout(() => void run(), ms)
      return () => clearTimeout(timer)
    }
    const timer = setInterval(() => void run(), ms)
    return () => clearInterval(timer)
  },
}
