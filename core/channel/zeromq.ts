import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/**
 * The zeromq package, loaded when the first socket is opened: it costs 7 to 11 ms, which a program that opens none
 * (`--check`, `--help`) need not pay.
 */
export function zeromq(): typeof import('zeromq') {
  return load('zeromq')
}
