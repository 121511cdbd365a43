import type { Arbiter, Config, Log } from '../../core/index.ts'
import { failureLines, readConfiguration, warningLine } from './configuration.ts'
import type { RunOptions } from './options.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { handleSignals } from './signals.ts'
import { widenThreadPool } from './thread-pool.ts'

/** Exit codes of the daemon; 2, wrong usage, is found before. */
const exit = { stopped: 0, failed: 1, killed: 3 } as const

/** How long, in milliseconds, something forgotten may keep the process once the daemon has stopped. */
const lingerMs = 1_000

/** Run the daemon until it has stopped; sets `process.exitCode`. See `main` of `circusd`. */
export async function run(options: RunOptions): Promise<void> {
  widenThreadPool()
  const softLimit = takeSoftLimit()
  const reporter = createReporter()
  let arbiter: Arbiter | undefined
  let log: Log | undefined
  let leave: () => void = process.exit
  let stopReason: string | undefined
  const stopAsked = Promise.withResolvers<void>()
  // The reader of a pipe may leave; writing to it then fails, which must not end the daemon.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // From the first moment on: a signal during the start is not lost.
  handleSignals({
    stop(signal) {
      stopReason = signal
      log?.info(`got ${signal}: stopping`)
      void arbiter?.stop(signal)
      stopAsked.resolve()
    },
    kill(signal) {
      log?.warning(`got ${signal} while stopping: killing what is left`)
      process.exitCode = exit.killed
      if (!arbiter) process.exit()
      arbiter.kill()
      setTimeout(() => leave(), lingerMs).unref() // even if a plugin never lets go
    },
    reload() {
      if (arbiter) arbiter.reopenLogs().catch((error: Error) => log?.error(error.message))
      else log?.reopen()
      log?.info('got SIGHUP: reloading')
      arbiter?.reload().catch((error: Error) => log?.error(`reload: ${error.message}`))
    },
  })
  try {
    const { Arbiter, acquirePidfile, createLogger, exitAtOnce, limitFilesOfPrograms, outlive } = await import(
      '../../core/index.ts'
    )
    leave = exitAtOnce
    if (softLimit !== undefined) limitFilesOfPrograms(softLimit)
    const config = await readConfiguration(options.file)
    const { circus } = config
    if (circus.umask !== null) process.umask(circus.umask)
    process.title = circus.proc_name
    log = createLogger({ level: logLevel(options, config), output: logOutput(options, config, reporter) })
    outlive(log) // it is what keeps everything else alive
    if (reporter.detached) for (const warning of config.warnings) reporter.line(warningLine(warning))
    const pidfile = options.pidfile ?? circus.pidfile
    if (pidfile) process.once('exit', acquirePidfile(pidfile))
    arbiter = new Arbiter(config, { log })
    if (stopReason === undefined) await startUnless(stopAsked.promise, arbiter)
    if (stopReason === undefined) reporter.ready()
    else await arbiter.stop(stopReason)
    await arbiter.closed
    process.exitCode ??= exit.stopped
  } catch (error) {
    for (const line of failureLines(error)) reporter.line(line)
    process.exitCode ??= exit.failed
  }
  log?.close()
  setTimeout(() => leave(), lingerMs).unref()
}

/** Start, or leave off when it is to stop: then nothing is a failure any more, and nobody waits for a start that hangs. */
async function startUnless(stopAsked: Promise<void>, arbiter: Arbiter): Promise<void> {
  let stopping = false
  const started = arbiter.start().catch((error: unknown) => {
    if (!stopping) throw error
  })
  await Promise.race([
    started,
    stopAsked.then(() => {
      stopping = true
    }),
  ])
}

/** The level is kept as written in the file: `INFO`, in any case. */
function logLevel(options: RunOptions, { circus }: Config): Log['level'] {
  const fromFile = circus.loglevel?.toLowerCase() as Log['level'] | undefined
  return options.logLevel ?? fromFile ?? (circus.debug ? 'debug' : 'info')
}

/** Where the log goes. A daemon in the background has no terminal. */
function logOutput(options: RunOptions, { circus }: Config, reporter: Reporter): string {
  const output = options.logOutput ?? circus.logoutput ?? '-'
  if (output !== '-' || !reporter.detached) return output
  reporter.line('circusd: warning: in the background the log is lost: say --log-output FILE, or logoutput in [circus]')
  return '/dev/null'
}

/** The soft limit of open files that the daemon was started with, as cli/bin/circusd.js has it from a shell. */
function takeSoftLimit(): number | undefined {
  const { CIRCUSD_NOFILE: limit = '' } = process.env
  // Programs that are started should not have the variable.
  delete process.env['CIRCUSD_NOFILE']
  return /^\d+$/.test(limit) ? Number(limit) : undefined
}
