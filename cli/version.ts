import { existsSync, readFileSync } from 'node:fs'

/** The package's folder: one above `cli/` in a checkout, two above it in the compiled package. */
export function packageRoot(): URL {
  const checkout = new URL('../', import.meta.url)
  return existsSync(new URL('package.json', checkout)) ? checkout : new URL('../../', import.meta.url)
}

/** The version in the package's `package.json`. */
export function version(): string {
  return JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8')).version
}
