// Public API as well (`circusd` re-exports all of it), but without the kernel: `--check` starts in half the time.
import * as configuration from '../../core/config/index.ts'
import type { Diagnostic } from '../../core/index.ts'

export const { describeConfig, describeErrors, formatConfig, machineWarnings } = configuration

/** Read FILE, or what is found in the usual places. Throws `ConfigError`, or an `Error` when nothing is found. */
export async function readConfiguration(file: string | undefined): Promise<configuration.Config> {
  const path = file ?? (await configuration.findConfig())
  if (path !== null) return configuration.loadConfig(path)
  throw new Error('no configuration found here, above, or in /etc/circus: name a FILE (circusd --help)')
}

/** A warning as a line that editors and terminals can jump to. */
export function warningLine(warning: Diagnostic): string {
  return configuration.formatDiagnostic({ ...warning, message: `warning: ${warning.message}` })
}

/** All that a failed start has to say: for a `ConfigError` every error and warning of the file. */
export function failureLines(error: unknown): string[] {
  if (error instanceof configuration.ConfigError) {
    return [...error.warnings.map(warningLine), ...error.errors.map(configuration.formatDiagnostic)]
  }
  return [`circusd: ${error instanceof Error ? error.message : String(error)}`]
}
