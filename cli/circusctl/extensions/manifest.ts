import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../command.ts'
import { oclifPackage } from './oclif-package.ts'

/**
 * Write the `oclif.manifest.json` of a package, from its commands: what lets others list them without running anything.
 * Resolves to the file. Packages make it when they are packed and never commit it, because an old one hides new commands.
 */
export async function writeManifest(folder: string): Promise<string> {
  const root = resolve(folder)
  const plugin = await oclifPackage(root, { fresh: true })
  if (!plugin.valid) throw new UsageError(`${join(root, 'package.json')} has no "oclif"`)
  if (plugin.commandIDs.length === 0) throw new UsageError(`${root}: "oclif.commands" leads to no commands`)
  const file = join(root, 'oclif.manifest.json')
  writeFileSync(file, `${JSON.stringify(plugin.manifest)}\n`)
  return file
}
