import { buildConfig } from './build.ts'
import type { ConfigInput } from './input.ts'
import { objectSource } from './object-source.ts'
import { Report } from './report.ts'
import type { Environment } from './source.ts'
import type { Config, Origin } from './types.ts'

/**
 * Resolve a configuration given as an object, by the rules of a file. `origin` is what errors name as its place.
 * Throws a `ConfigError` with everything that is wrong with it.
 */
export function configFromObject(
  object: ConfigInput,
  origin: string | Origin = 'API',
  environment: Environment = process.env,
): Config {
  const place = typeof origin === 'string' ? { file: origin, line: 0 } : origin
  const report = new Report(place.file)
  const config = buildConfig(objectSource(null, object, place, report), environment, report)
  report.throwErrors()
  return config
}
