import { CircusClient, createLogger, findKeys, reasonOf, runPlugin } from '../../core/plugin.ts'
import type { ConsoleOptions } from './options.ts'

const defaultEndpoint = 'tcp://127.0.0.1:5555'

/** Serve until SIGINT, SIGTERM or SIGQUIT; sets `process.exitCode`. */
export async function serveConsole(asked: ConsoleOptions): Promise<void> {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => ended.abort())
  process.title = 'circushttpd'
  try {
    const { key, logLevel, logOutput, options } = asked
    const endpoint = asked.endpoint ?? process.env['CIRCUSCTL_ENDPOINT'] ?? defaultEndpoint
    const keys = findKeys(endpoint, key)
    const log = createLogger({
      name: 'circushttpd',
      ...(logLevel && { level: logLevel }),
      ...(logOutput !== undefined && { output: logOutput }),
    })
    const pubsubEndpoint = asked.pubsub ?? (await askForEvents(endpoint, keys))
    await runPlugin({ use: 'httpd', endpoint, keys, pubsubEndpoint, options, log, signal: ended.signal })
  } catch (error) {
    process.stderr.write(`circushttpd: ${reasonOf(error)}\n`)
    process.exitCode = 1
  }
}

async function askForEvents(endpoint: string, keys: ReturnType<typeof findKeys>): Promise<string> {
  await using daemon = new CircusClient({ endpoint, keys })
  const { options } = await daemon.call<{ options: { pubsub_endpoint: string } }>('globaloptions')
  return options.pubsub_endpoint
}
