import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Config, type Plugin } from '@oclif/core'

// Run while packing, after the build: lists the commands of circusctl, so that oclif need not load them to show its
// help. It is never committed, because an old one hides new commands.
const root = join(import.meta.dirname, '../..')
const { plugins } = await Config.load({ root, ignoreManifest: true })
const manifest = (plugins.get('circusd') as Plugin | undefined)?.manifest
if (!manifest || Object.keys(manifest.commands).length === 0) throw new Error('oclif found no commands in dist/')
writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(manifest)}\n`)
