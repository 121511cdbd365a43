import { existsSync, readFileSync } from 'node:fs'
import { describeCircus } from '../config/index.ts'
import { properties } from '../schema.ts'
import { maskSecrets } from '../secrets.ts'
import { defineCommand } from './command.ts'

/**
 * `daemon`: tell of the daemon itself.
 *
 * Reply  `version`, `pid`, `started` (Unix seconds), `file` (its configuration, or null), `endpoints: { control, events, stats }`,
 *        `options: { NAME: { value, file, line } }`, those of `[circus]` as in `describe`
 */
export const daemon = defineCommand({
  name: 'daemon',
  summary: 'Tell of the daemon itself: version, configuration, options.',
  readOnly: true,
  properties: properties({}),
  execute({ arbiter, caller }) {
    const { circus, origins, file } = arbiter.config
    const described = describeCircus(circus, origins)
    const shown = caller.role === 'admin' ? described : maskSecrets(described)
    const options = Object.entries(shown).map(([name, value]) => {
      const origin = Object.hasOwn(origins, name) ? origins[name] : undefined
      return [name, { value, file: origin?.file ?? null, line: origin?.line ?? null }] as const
    })
    return {
      version: version(),
      pid: process.pid,
      started: startedAt,
      file,
      endpoints: { ...arbiter.endpoints, stats: arbiter.statsEndpoint },
      options: Object.fromEntries(options),
    }
  },
})

const startedAt = Math.round(performance.timeOrigin) / 1000

let known: string | undefined

/** Of the package, in a checkout as in the compiled one. */
function version(): string {
  if (known !== undefined) return known
  const places = ['../../package.json', '../../../package.json'].map((path) => new URL(path, import.meta.url))
  const file = places.find((place) => existsSync(place))
  known = file ? String(JSON.parse(readFileSync(file, 'utf8')).version) : 'unknown'
  return known
}
