import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CircusClient, createLogger, findKeys, keyFolder, reasonOf, runPlugin } from '../../core/plugin.ts'
import type { StatsOptions } from './options.ts'

const defaultEndpoint = 'tcp://127.0.0.1:5555'
const defaultStatspoint = 'tcp://127.0.0.1:5557'

/** Publish until SIGINT, SIGTERM or SIGQUIT; sets `process.exitCode`. */
export async function publishStats(options: StatsOptions): Promise<void> {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => ended.abort())
  process.title = 'circusd-stats'
  try {
    const { key, interval, logLevel, logOutput } = options
    const endpoint = options.endpoint ?? process.env['CIRCUSCTL_ENDPOINT'] ?? defaultEndpoint
    const keys = findKeys(endpoint, key)
    await using daemon = new CircusClient({ endpoint, keys })
    const wanted = await daemon.chooseKeys()
    const allowExposed = wanted !== undefined || process.env['CIRCUS_ALLOW_INSECURE'] === '1'
    const access = { mode: 0o600, owner: null, keys: wanted ? keyFiles(endpoint) : null }
    await runPlugin({
      use: 'stats',
      endpoint,
      keys,
      pubsubEndpoint: options.pubsub ?? (await askForEvents(daemon)),
      options: interval === undefined ? {} : { interval },
      stats: { endpoint: options.statspoint ?? defaultStatspoint, access, allowExposed },
      log: createLogger({
        name: 'circusd-stats',
        ...(logLevel && { level: logLevel }),
        ...(logOutput !== undefined && { output: logOutput }),
      }),
      signal: ended.signal,
    })
  } catch (error) {
    process.stderr.write(`circusd-stats: ${reasonOf(error)}\n`)
    process.exitCode = 1
  }
}

/** The keys of the daemon's own channels: with others its clients could not listen, and without any everybody could. */
function keyFiles(endpoint: string): { server: string; clients: string } {
  const [server, clients] = [join(keyFolder(), 'server.key'), join(keyFolder(), 'clients')]
  if (existsSync(server) && existsSync(clients)) return { server, clients }
  const why = `the daemon at ${endpoint} wants keys, and its own are not in ${keyFolder()}`
  throw new Error(`${why}: have it run the plugin, with [plugin:stats] and isolate = true`)
}

async function askForEvents(daemon: CircusClient): Promise<string> {
  const { options } = await daemon.call<{ options: { pubsub_endpoint: string } }>('globaloptions')
  return options.pubsub_endpoint
}
