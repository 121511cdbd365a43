import { dirname, resolve } from 'node:path'
import {
  CircusClient,
  createLogger,
  findKeys,
  type KeySource,
  loadConfig,
  type PluginConfig,
  runPlugin,
} from '../../core/index.ts'
import type { PluginRunOptions } from './options.ts'

const defaultEndpoint = 'tcp://127.0.0.1:5555'

/** Run the plugin until SIGINT or SIGTERM; sets `process.exitCode`. */
export async function runByHand({ name, endpoint, pubsub, key, options, config }: PluginRunOptions): Promise<void> {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.abort())
  try {
    const file = config === undefined ? undefined : await loadConfig(config)
    const section = file?.plugins.find((plugin) => plugin.name === name)
    if (file && !section) throw new Error(`${config} has no [plugin:${name}] that is active`)
    const control = endpoint ?? file?.circus.endpoint ?? process.env.CIRCUSCTL_ENDPOINT ?? defaultEndpoint
    const keys = findKeys(control, key)
    await runPlugin({
      ...(section ? inFile(section, String(config)) : { use: name }),
      endpoint: control,
      keys,
      pubsubEndpoint: pubsub ?? file?.circus.pubsub_endpoint ?? (await askForEvents(control, keys)),
      options: { ...section?.options, ...options },
      log: createLogger({ name: 'circus-plugin' }),
      signal: ended.signal,
    })
  } catch (error) {
    process.stderr.write(`circus-plugin: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

function inFile({ name, use }: PluginConfig, config: string) {
  return { name, use, folder: dirname(resolve(config)) }
}

async function askForEvents(endpoint: string, keys: KeySource | undefined): Promise<string> {
  await using client = new CircusClient({ endpoint, keys })
  const { options } = await client.call<{ options: { pubsub_endpoint: string } }>('globaloptions')
  return options.pubsub_endpoint
}
