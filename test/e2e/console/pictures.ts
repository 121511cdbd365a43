/**
 * Takes a picture of every page of the console, light and dark, narrow and wide, to be looked at:
 *
 *     node test/e2e/console/pictures.ts FOLDER
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { Console } from './browser.ts'

const [folder = 'pictures'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })

const ini = `
[watcher:web]
cmd = node -e "const t=Date.now();setInterval(()=>{console.log(new Date().toISOString(),'GET /orders/'+(Math.random()*1e4|0),200+'',(Math.random()*90).toFixed(1)+' ms');for(let i=0;i<3e7*Math.random();i++);},300);setInterval(()=>console.error('warning: slow upstream, '+(Math.random()*900|0)+' ms'),2500)"
numprocesses = 4
copy_env = True
use_sockets = True
warmup_delay = 0.1

[watcher:mail-queue]
cmd = sh -c 'while :; do echo sent $$; sleep 1; done'
numprocesses = 3

[watcher:reports]
cmd = node -e "setTimeout(()=>{console.error('Error: ECONNREFUSED 10.0.0.7:5432');process.exit(3)},4000)"
copy_env = True
respawn_delay = 2

[watcher:importer]
cmd = sh -c 'echo cannot read config.yml >&2; exit 2'
respawn = False

[watcher:cache]
cmd = node -e "const k=[];setInterval(()=>{k.push(Buffer.alloc(1e6,1));if(k.length>60)k.length=0},400)"
copy_env = True
singleton = True
priority = 10

[watcher:nightly]
cmd = sleep 1000
autostart = False

[socket:http]
port = 0

[socket:admin]
path = FOLDER/admin.sock

[env:web]
NODE_ENV = production
DATABASE_PASSWORD = hunter2
`

await using console_ = await Console.start(ini)
const places = [
  '',
  'watcher/web',
  'watcher/web/output',
  'watcher/web/options',
  'watcher/web/environment',
  'watcher/reports/events',
  'add',
  'sockets',
  'events',
  'plugins',
  'daemon',
]
const first = await console_.enter()
if (process.env['WARM']) await first.waitForTimeout(Number(process.env['WARM']) * 1000)
for (const width of [1920, 360]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await console_.page({
      viewport: { width, height: width > 400 ? 1080 : 780 },
      colorScheme,
      bypassCSP: true,
    })
    await page.goto(console_.address)
    await page.screenshot({ path: join(folder, `login-${width}-${colorScheme}.png`) })
    await page.goto(console_.link)
    for (const place of places) {
      await page.goto(`${console_.address}#/${place}`)
      await page.waitForTimeout(1_500)
      const name = `${place.replaceAll('/', '-') || 'overview'}-${width}-${colorScheme}.png`
      await page.screenshot({ path: join(folder, name), fullPage: width < 400 })
      await page.evaluate(axe.source)
      const violations = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
      }
      for (const { id, nodes } of violations.violations)
        console.log(name, id, nodes.length, nodes[0]?.html.slice(0, 200), nodes[0]?.failureSummary)
      const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      if (Number(wide) > 0) console.log(name, 'is too wide by', wide)
    }
    await page.context().close()
  }
}
console.log('complaints', [...new Set(console_.complaints)])
