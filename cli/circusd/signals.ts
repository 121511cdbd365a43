/** What the daemon does about the signals it gets. */
export interface SignalHandlers {
  /** The first SIGINT, SIGTERM or SIGQUIT. */
  stop(signal: NodeJS.Signals): void
  /** The second one. */
  kill(signal: NodeJS.Signals): void
  /** SIGHUP. */
  reload(): void
}

/**
 * A Ctrl-C reaches the daemon twice when npm or another wrapper passes on what the terminal had already sent to
 * everyone. A SIGINT this soon after another, in milliseconds, is the same key stroke.
 */
const sameKeyStrokeMs = 200

/** Take over the signals of this process, from now on and for good. */
export function handleSignals({ stop, kill, reload }: SignalHandlers): void {
  let stopping = false
  let lastInterrupt = Number.NEGATIVE_INFINITY
  const onStop = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT') {
      const sinceMs = performance.now() - lastInterrupt
      lastInterrupt = performance.now()
      if (sinceMs < sameKeyStrokeMs) return
    }
    if (stopping) return kill(signal)
    stopping = true
    stop(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, onStop)
  process.on('SIGHUP', reload)
  // Unhandled, SIGUSR1 opens Node's debugger to anyone on this machine, and SIGUSR2 ends the daemon.
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => {})
}
