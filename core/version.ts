import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

let version: string | undefined

/** The version of this package, of `package.json`; empty when that is not there. */
export function packageVersion(): string {
  version ??= read(findPackageJSON(import.meta.url))
  return version
}

function read(file: string | undefined): string {
  return file === undefined ? '' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
