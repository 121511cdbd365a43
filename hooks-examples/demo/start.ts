import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../cli/circusd.ts'

const folder = mkdtempSync(join(tmpdir(), 'circus-demo-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.chdir(import.meta.dirname)
process.env.PWD = import.meta.dirname // the working folder of watchers without a working_dir
process.env.CIRCUS_DEMO = folder
await main(['circus.ini', ...process.argv.slice(2)])
