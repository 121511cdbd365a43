import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Interfaces, Plugin } from '@oclif/core'
import { provideSelf } from '../../../core/client.ts'

/**
 * A package as oclif has it, from its folder. Its commands may import `circusd/cli`, wherever they lie.
 *
 * `fresh`: its commands are looked up and loaded, in place of believing its manifest.
 */
export async function oclifPackage(root: string, { fresh = false } = {}): Promise<Plugin> {
  provideSelf()
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Interfaces.PJSON
  // As a root its folder is taken as it is, and nothing looks for sources to transpile.
  const plugin = new Plugin({
    root,
    pjson,
    isRoot: true,
    type: 'user',
    ignoreManifest: fresh,
    errorOnManifestCreate: fresh,
  })
  await plugin.load()
  return plugin
}
