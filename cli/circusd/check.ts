import type { Config, Diagnostic } from '../../core/index.ts'
import {
  describeConfig,
  describeErrors,
  failureLines,
  formatConfig,
  machineWarnings,
  readConfiguration,
  warningLine,
} from './configuration.ts'

/**
 * `circusd --check`: print the resolved configuration, or every error of it; start nothing. Warnings go to standard
 * error, or into the JSON. Resolves to the exit code.
 */
export async function check(file: string | undefined, json: boolean): Promise<number> {
  try {
    const config = await readConfiguration(file)
    const warnings = [...config.warnings, ...machineWarnings(config), ...(await streamWarnings(config))]
    if (json) printJson({ ...describeConfig(config), warnings })
    else {
      for (const warning of warnings) process.stderr.write(`${warningLine(warning)}\n`)
      process.stdout.write(`${formatConfig(config).trimEnd()}\n`)
    }
    return 0
  } catch (error) {
    if (json) printJson(describeErrors(error))
    else for (const line of failureLines(error)) process.stderr.write(`${line}\n`)
    return 1
  }
}

/** Takes the kernel, which takes its time to load: only where it is of use. */
async function streamWarnings(config: Config): Promise<Diagnostic[]> {
  const isUsed = config.watchers.some(({ options }) =>
    [options.stdout_stream, options.stderr_stream].some((stream) => Object.keys(stream).length > 0),
  )
  return isUsed ? (await import('../../core/index.ts')).streamWarnings(config) : []
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
