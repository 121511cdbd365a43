import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Make `release.js` of a folder another program of this one; at once, as a deployment does it. */
export function switchRelease(dir: string, program: 'server.js' | 'broken.js'): void {
  symlinkSync(join(import.meta.dirname, program), join(dir, 'next.js'))
  renameSync(join(dir, 'next.js'), join(dir, 'release.js'))
}
